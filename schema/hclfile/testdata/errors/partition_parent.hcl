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
}
partition "a" {
  schema  = schema.app
  of      = table.users # ERROR: Invalid reference
  default = true
}
partition "b" { # ERROR: Missing argument
  schema  = schema.app
  default = true
}
partition "c" {
  schema  = schema.app
  of      = table.nobody # ERROR: Undeclared reference
  default = true
}
