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
    type = text
    identity { # ERROR: Invalid type
      generated = ALWAYS
    }
  }
  column "b" {
    type    = int
    default = 1 # ERROR: Contradicting arguments
    identity {
      generated = SOMETIMES # ERROR: Unknown word
    }
  }
  column "c" {
    type = int
    null = true # ERROR: Contradicting arguments
    identity {}
  }
}
