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
  exclude "x" { # ERROR: Missing argument
    type = GIST
  }
  exclude "y" {
    type = GIST
    on { # ERROR: Missing argument
      column = column.id
    }
  }
}
