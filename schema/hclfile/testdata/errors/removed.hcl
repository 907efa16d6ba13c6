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
removed {
  from = table.users # ERROR: Contradicting blocks
}
removed {
  from = 5 # ERROR: Invalid reference
}
removed { # ERROR: Missing argument
  destroy = false
}
