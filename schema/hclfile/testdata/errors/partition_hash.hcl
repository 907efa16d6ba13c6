schema "app" {
}
table "p" {
  schema = schema.app
  column "a" { type = int }
  partition {
    type    = HASH
    columns = [column.a]
  }
}
partition "h" {
  of = table.p
  hash {
    modulus   = 4
    remainder = 4 # ERROR: Number out of range
  }
}
partition "h2" {
  of = table.p
  hash {
    modulus   = 4
    remainder = 1
  }
  column "nope" { # ERROR: Undeclared reference
    default = 1
  }
}
