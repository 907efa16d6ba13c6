table "We ird" "users" {
  schema = schema["We ird"]
  column "id" {
    type = integer
    null = false
  }
  column "ref" {
    type = bigint
    null = true
  }
  primary_key {
    columns = [column.id]
  }
  foreign_key "users_ref_fkey" {
    columns     = [column.ref]
    ref_columns = [table.app.users.column.id]
    on_delete   = CASCADE
  }
}
