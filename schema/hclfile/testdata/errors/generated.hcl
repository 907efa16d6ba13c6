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
  column "a" { # ERROR: Contradicting arguments
    type    = int
    default = 1
    as {
      expr = "id * 2"
    }
  }
  column "b" {
    type = int
    as { # ERROR: Missing argument
      type = STORED
    }
  }
  column "c" {
    type = int
    as {
      expr = "1"
      type = STORE # ERROR: Unknown word
    }
  }
}
