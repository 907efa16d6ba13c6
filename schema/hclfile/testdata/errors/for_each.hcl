schema "app" {
}
table "a" {
  schema   = schema.app
  for_each = 5 # ERROR: Invalid for_each
}
table "b" {
  schema   = schema.app
  for_each = null # ERROR: Invalid for_each
}
table "c" { # ERROR: Duplicate table
  schema   = schema.app
  for_each = ["x", "y"]
}
table "d" {
  schema   = schema.app
  for_each = nothing # ERROR: Unknown variable
}
table "e" {
  schema  = schema.app
  comment = each.value # ERROR: Unknown variable
}
