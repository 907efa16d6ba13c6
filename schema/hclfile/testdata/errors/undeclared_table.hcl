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
  foreign_key "fk" {
    columns     = [column.id]
    ref_columns = [table.user.column.id] # ERROR: Undeclared reference
  }
}
