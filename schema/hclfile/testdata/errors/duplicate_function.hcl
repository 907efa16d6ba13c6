schema "app" {
}
function "f" {
  schema = schema.app
  lang   = SQL
  return = integer
  as     = "SELECT 1"
  arg "a" { type = int }
}
function "f" { # ERROR: Duplicate function
  schema = schema.app
  lang   = SQL
  return = integer
  as     = "SELECT 2"
  arg "b" { type = integer }
}
function "f" {
  schema = schema.app
  lang   = SQL
  return = integer
  as     = "SELECT 3"
  arg "b" { type = text }
}
