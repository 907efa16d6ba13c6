schema "app" {
}
view "v" {
  schema     = schema.app
  as         = "SELECT 1"
  depends_on = [table.nobody] # ERROR: Undeclared reference
}
