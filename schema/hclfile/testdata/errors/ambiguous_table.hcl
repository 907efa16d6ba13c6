schema "app" {
}
schema "b" {
}
table "app" "t" {
  column "id" { type = int }
}
table "b" "t" {
  column "id" { type = int }
}
sequence "s" {
  schema   = schema.app
  owned_by = table.t.column.id # ERROR: Ambiguous reference
}
sequence "s2" {
  schema   = schema.app
  owned_by = table.b.t.column.id
}
