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
  unique "u" {
    on { # ERROR: Missing argument
    }
  }
  unique "v" { # ERROR: Missing argument
    nulls_distinct = 1 # ERROR: Wrong type of value
  }
  unique "w" {
    on {
      column = column.nmae # ERROR: Undeclared reference
    }
  }
}
