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
    columns = [table.other.column.x] # ERROR: Invalid reference
  }
}
table "other" {
  schema = schema.app
  column "x" { type = int }
}
