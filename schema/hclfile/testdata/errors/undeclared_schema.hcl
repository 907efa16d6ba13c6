schema "app" {
}
table "x" {
  schema = schema.ap # ERROR: Undeclared reference
}
table "app2" "y" { # ERROR: Undeclared reference
}
