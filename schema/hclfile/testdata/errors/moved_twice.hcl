schema "app" {
}
table "a" {
  schema       = schema.app
  renamed_from = table.z
}
table "b" {
  schema       = schema.app
  renamed_from = table.z # ERROR: Contradicting moves
}
table "c" {
  schema       = schema.app
  renamed_from = enum.z # ERROR: Invalid move
  column "n" {
    type         = int
    renamed_from = old # ERROR: Invalid reference
  }
}
