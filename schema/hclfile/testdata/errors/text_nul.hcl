schema "app" {
}
enum "e" {
  schema = schema.app
  values = ["a\u0000b"] # ERROR: Invalid text
}
