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
  replica_identity = FUL # ERROR: Unknown word
}
table "t" {
  schema           = schema.app
  replica_identity = index.i # ERROR: Undeclared reference
}
