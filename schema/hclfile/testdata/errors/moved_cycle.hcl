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
moved { # ERROR: Cycle in moves
  from = table.a
  to   = table.b
}
moved { # ERROR: Cycle in moves
  from = table.b
  to   = table.a
}
