schema "app" {
}
schema "app" { # ERROR: Duplicate schema
}
