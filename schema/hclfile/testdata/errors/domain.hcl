schema "app" {
}
domain "d" {
  schema = schema.app
  type   = text
  check { # ERROR: Wrong number of labels
    expr = "VALUE > 0"
  }
  check "c" { # ERROR: Missing argument
  }
  nulll = true # ERROR: Unsupported argument
}
