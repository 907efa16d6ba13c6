schema "app" {
}
comment = # ERROR: Invalid expression
