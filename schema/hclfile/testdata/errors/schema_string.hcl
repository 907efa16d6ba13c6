schema "app" {
}
table "x" {
  schema = "app" # ERROR: Invalid reference
}
table "y" {
  schema = app # ERROR: Invalid reference
}
table "z" {
  schema = table.x # ERROR: Invalid reference
}
