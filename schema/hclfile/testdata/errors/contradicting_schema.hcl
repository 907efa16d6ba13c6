schema "app" {
}
schema "other" {
}
table "app" "x" { # ERROR: Contradicting schema
  schema = schema.other
}
