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
  foreign_key "count" {
    columns     = [column.id]
    ref_columns = [column.id, column.name] # ERROR: Wrong number of columns
  }
  foreign_key "tables" {
    columns     = [column.id, column.name]
    ref_columns = [column.id, table.o.column.x] # ERROR: Invalid reference
  }
  foreign_key "none" {
    columns     = [column.id]
    ref_columns = [] # ERROR: Missing columns
  }
  foreign_key "partial" {
    columns           = [column.id]
    ref_columns       = [column.id]
    on_delete         = CASCADE
    on_delete_columns = [column.id] # ERROR: Contradicting arguments
  }
  foreign_key "view" {
    columns     = [column.id]
    ref_columns = [view.v.column.id] # ERROR: Invalid reference
  }
}
table "o" {
  schema = schema.app
  column "x" { type = int }
}
view "v" {
  schema = schema.app
  as     = "SELECT 1 AS id"
}
