schema "app" {
}
enum "e" { # ERROR: Missing argument
  schema = schema.app
}
view "v" { # ERROR: Missing argument
  schema = schema.app
}
trigger "t" { # ERROR: Missing argument
}
