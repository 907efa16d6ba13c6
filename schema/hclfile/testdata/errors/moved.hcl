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
table "people" {
  schema = schema.app
}
moved { # ERROR: Contradicting blocks
  from = table.users
  to   = table.people
}
moved { # ERROR: Undeclared reference
  from = table.a
  to   = table.b
}
moved {
  from = view.users # ERROR: Invalid move
  to   = table.users
}
moved {
  from = "users" # ERROR: Invalid reference
  to   = table.users
}
moved { # ERROR: Missing argument
  to = table.users
}
moved {
  from     = table.old
  to       = table.users
  strategy = fast # ERROR: Unknown word
}
