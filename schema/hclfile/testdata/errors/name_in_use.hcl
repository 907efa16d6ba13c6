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
  index "users" { # ERROR: Name in use
    columns = [column.name]
  }
}
enum "users" { # ERROR: Name in use
  schema = schema.app
  values = ["a"]
}
sequence "users" { # ERROR: Name in use
  schema = schema.app
}
