schema "app" {
}
table "p" {
  schema = schema.app
  column "a" { type = int }
  partition { # ERROR: Missing argument
    type = RANGES # ERROR: Unknown word
  }
}
table "q" {
  schema = schema.app
  column "a" { type = int }
  partition {
    type = LIST
    by { # ERROR: Missing argument
      column = column.a
      expr   = "a"
    }
  }
}
