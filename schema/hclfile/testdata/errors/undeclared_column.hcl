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
  index "i" {
    columns = [column.nmae] # ERROR: Undeclared reference
  }
  check "c" {
    expr = "id > 0"
  }
  foreign_key "fk" {
    columns     = [column.id]
    ref_columns = [table.users.column.idd] # ERROR: Undeclared reference
  }
}
