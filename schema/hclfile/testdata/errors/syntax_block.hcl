schema "app" {
}
table "x" {
  schema = schema.app
  column "a" { type = int # ERROR: Invalid single-argument block definition
  }
}
