schema "app" {
}
function "f" {
  schema = schema.app
  lang   = SQL
  return = integer
  as     = <<-SQL
    SELECT 1
} # ERROR: Unterminated template string