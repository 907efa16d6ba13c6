schema "app" {
}
table "x" {
  schema = schema.app
  dynamic "colum" { # ERROR: Unsupported block
    for_each = ["a"]
    content {
      type = text
    }
  }
  dynamic "column" { # ERROR: Invalid dynamic block
    for_each = ["a"]
  }
  dynamic "column" { # ERROR: Missing argument
    for_each = ["a"]
    content {
      typ = text # ERROR: Unsupported argument
    }
  }
  dynamic { # ERROR: Wrong number of labels
  }
}
