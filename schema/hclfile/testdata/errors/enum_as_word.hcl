schema "app" {
}
enum "status" {
  schema = schema.app
  values = ["a"]
}
table "x" {
  schema = schema.app
  column "c" { type = status } # ERROR: Unknown type
  column "d" { type = enum.statsu } # ERROR: Undeclared reference
}
