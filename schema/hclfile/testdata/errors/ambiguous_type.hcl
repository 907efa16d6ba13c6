schema "app" {
}
schema "b" {
}
enum "app" "e" {
  values = ["x"]
}
enum "b" "e" {
  values = ["x"]
}
table "t" {
  schema = schema.app
  column "c" { type = enum.e } # ERROR: Ambiguous reference
  column "d" { type = enum.b.e }
}
