schema "app" {
}
table "p" {
  schema = schema.app
  column "ts" { type = date }
  partition {
    type    = RANGE
    columns = [column.ts]
  }
}
table "h" {
  schema = schema.app
  column "id" { type = int }
  partition {
    type    = HASH
    columns = [column.id]
  }
}
partition "none" { # ERROR: Missing partition bound
  schema = schema.app
  of     = table.h
}
partition "two" { # ERROR: Contradicting arguments
  schema  = schema.app
  of      = table.p
  default = true
  range {
    from = [MINVALUE]
    to   = [MAXVALUE]
  }
}
partition "list" {
  schema = schema.app
  of     = table.p
  list { # ERROR: Wrong partition bound
    in = ["a"]
  }
}
partition "short" {
  of = table.p
  range {
    from = ["2025-01-01"]
    to   = ["2025-01-01", 1] # ERROR: Wrong number of columns
  }
}
partition "half" {
  of = table.p
  range { # ERROR: Missing argument
    from = [MINVALUE]
  }
}
partition "empty" {
  of = table.p
  range {
    from = [] # ERROR: Missing partition bound
    to   = [] # ERROR: Missing partition bound
  }
}
