schema "app" {
}
enum "e" { # ERROR: Missing argument
  schema = schema.app
  values { # ERROR: Unsupported block
  }
}
