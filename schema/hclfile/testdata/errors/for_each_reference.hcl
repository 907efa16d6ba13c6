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
trigger "t" {
  for_each = [table.users]
  on       = each.value
  comment  = each.value # ERROR: Wrong type of value
  before {
    insert = true
  }
  execute {
    function = sql("pg_catalog.suppress_redundant_updates_trigger")
  }
}
