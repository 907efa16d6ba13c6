schema "app" {
}
enum "e" {
  schema = schema.app
  value  = ["a"] # ERROR: Unsupported argument
  values = ["b"]
}
