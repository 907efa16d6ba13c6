schema "app" {
}
function "f" {
  schema = schema.app
  lang   = SQL
  return = integer
  as     = <<-SQL
    SELECT '${name}' # ERROR: Unknown variable
  SQL
}
