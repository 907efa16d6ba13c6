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
  column "a" {
    type = int
    backfill { # ERROR: Missing argument
      batch = 0 # ERROR: Number out of range
    }
    convert { # ERROR: Missing argument
    }
  }
}
