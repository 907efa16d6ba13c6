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
  index "i" {
    on {
      column = column.id
      expr   = "lower(name)" # ERROR: Contradicting arguments
    }
  }
  index "j" {
    on { # ERROR: Missing argument
      desc = true
    }
  }
  index "k" {
    columns = [column.id] # ERROR: Contradicting arguments
    on {
      column = column.name
    }
  }
  index "l" {
    on {
      column      = column.id
      nulls_first = true
      nulls_last  = true # ERROR: Contradicting arguments
    }
  }
}
