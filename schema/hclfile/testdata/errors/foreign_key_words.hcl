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
    ref_columns = [column.id]
    on_delete   = CASCADES # ERROR: Unknown word
    on_update   = SETNULL # ERROR: Unknown word
    match       = PARTIAL # ERROR: Unknown word
    deferrable  = DEFERRED # ERROR: Unknown word
  }
}
