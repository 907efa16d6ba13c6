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
  check { # ERROR: Wrong number of labels
    expr = "id > 0"
  }
  unique { # ERROR: Wrong number of labels
    columns = [column.id]
  }
  foreign_key { # ERROR: Wrong number of labels
    columns = [column.id]
  }
  index { # ERROR: Wrong number of labels
    columns = [column.id]
  }
}
