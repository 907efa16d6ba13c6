schema "app" {
}
table "users" {
  schema = schema.app
  column "id" {
    type = bigint
  }
  column "name" {
    type = text
  }
  primary_key {
    columns = [column.id]
  }
  check "c" {
    expr = "()" # ERROR: Empty expression
  }
  check "d" { # ERROR: Missing argument
    no_inherit = true
  }
}
