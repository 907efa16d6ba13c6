schema "app" {
}
table "x" {
  schema = schema.app
  column = 1 # ERROR: Unsupported argument
}
