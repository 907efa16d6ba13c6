schema "app" {
}
comment = "x" # ERROR: Unsupported argument
