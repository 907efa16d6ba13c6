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
    type    = BTREEE # ERROR: Unknown word
    columns = [column.id]
  }
}
