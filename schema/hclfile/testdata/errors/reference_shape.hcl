schema "app" {
}
table "x" {
  schema = schema.app
  column "a" { type = int }
}
sequence "s" {
  schema   = schema.app
  owned_by = table.x.column # ERROR: Invalid reference
}
sequence "t" {
  schema   = schema.app
  owned_by = column.a # ERROR: Invalid reference
}
sequence "u" {
  schema   = schema.app
  owned_by = table.x.colum.a # ERROR: Invalid reference
}
