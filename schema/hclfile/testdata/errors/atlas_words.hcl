schema "s" {
  charset = "utf8" # ERROR: Unsupported argument
}
schema "each" {
  for_each = toset(["a", "b"])
  name     = "each_${each.value}"
}
table "t" {
  schema = schema.s
  engine = "InnoDB" # ERROR: Unsupported argument
  column "id" {
    type           = int
    unsigned       = true # ERROR: Unsupported argument
    auto_increment = true # ERROR: Unsupported argument
  }
  column "a" { type = mediumtext }     # ERROR: Unknown type
  column "b" { type = nvarchar(3) }    # ERROR: Unknown type
  column "c" { type = vector(3) }      # ERROR: Unknown type
  index "i" {
    columns      = [column.id]
    concurrently = true # ERROR: Unsupported argument
  }
}
table "which" {
  schema = schema.each # ERROR: Ambiguous reference
}
table "none" {
  schema = schema.each["c"] # ERROR: Undeclared reference
}
table "cycle" {
  for_each = table.cycle # ERROR: Unknown variable
  schema   = schema.s
}
permission { # ERROR: Not built yet: permission
}
data "sql" "tenants" { # ERROR: Not built yet: data
}
env "local" { # ERROR: Unsupported block
}
lint { # ERROR: Unsupported block
}
