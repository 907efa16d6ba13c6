schema "app" {
}
function "f" {
  schema = schema.app
  lang   = PLpgSQL
  return = trigger
  as     = "BEGIN RETURN NEW; END"
}
function "g" {
  schema = schema.app
  lang   = SQL
  return = integer
  as     = "SELECT 1"
  arg "x" { type = int }
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
  trigger "none" { # ERROR: Missing argument | Missing block
  }
  trigger "two" {
    before {
      insert = true
    }
    after { # ERROR: Contradicting arguments
      insert = true
    }
    execute { function = function.f }
  }
  trigger "no_event" {
    before { # ERROR: Missing argument
    }
    execute { function = function.f }
  }
  trigger "args" {
    before { insert = true }
    execute { function = function.g } # ERROR: Invalid reference
  }
  trigger "unknown" {
    before { insert = true }
    execute { function = function.ff } # ERROR: Undeclared reference
  }
  trigger "words" {
    foreach = ROWS # ERROR: Unknown word
    enabled = MAYBE # ERROR: Unknown word
    before { update_of = [column.nam] } # ERROR: Missing argument | Undeclared reference
    execute { function = function.f }
  }
}
trigger "on" {
  on = table.user # ERROR: Undeclared reference
  before { insert = true }
  execute { function = function.f }
}
trigger "other" "label" { # ERROR: Contradicting schema
  on = table.users
  before { insert = true }
  execute { function = function.f }
}
