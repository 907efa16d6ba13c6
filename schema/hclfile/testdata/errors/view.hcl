schema "app" {
}
view "v" {
  schema       = schema.app
  as           = "  ; " # ERROR: Empty expression
  check_option = SOME # ERROR: Unknown word
  security {
    invoker = "perhaps" # ERROR: Wrong type of value
  }
}
view "w" {
  schema = schema.app
  as     = "SELECT 1"
  index "i" { # ERROR: Unsupported block
    columns = [column.x]
  }
}
