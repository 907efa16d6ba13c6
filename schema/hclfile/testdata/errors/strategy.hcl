schema "app" {
}
table "users" {
  schema   = schema.app
  strategy = IN_PLAC # ERROR: Unknown word
  column "id" {
    type     = bigint
    strategy = "offline" # ERROR: Unknown word
  }
  column "name" {
    type     = text
    strategy = IN_PLACE
    backfill { # ERROR: Contradicting blocks
      set = "upper('x')"
    }
  }
  primary_key {
    columns  = [column.id]
    strategy = EXPAND_CONTRACT # ERROR: Unknown word
  }
  exclude "x" {
    type     = GIST
    strategy = IN_PLACE # ERROR: Unsupported argument
    on {
      column = column.id
      op     = "="
    }
  }
}
removed {
  from    = table.gone
  destroy = false
  trash   = false # ERROR: Contradicting arguments
}
