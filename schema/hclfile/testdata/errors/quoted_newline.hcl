schema "app" {
}
enum "e" {
  schema = schema.app
  values = ["a # ERROR: Invalid multi-line string | Unterminated template string
b"]
}
