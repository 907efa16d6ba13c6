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
    expr = "id > 0"
  }
  check "c" { # ERROR: Duplicate check
    expr = "id > 1"
  }
  unique "c" { # ERROR: Name in use
    columns = [column.name]
  }
}
