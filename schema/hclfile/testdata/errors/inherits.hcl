schema "app" {
}
table "a" {
  schema   = schema.app
  inherits = [enum.e] # ERROR: Invalid reference
}
composite "c" {
  schema = schema.app
  field "f" { type = int }
}
table "b" {
  schema   = schema.app
  of       = composite.c
  inherits = [table.a] # ERROR: Contradicting arguments
}
