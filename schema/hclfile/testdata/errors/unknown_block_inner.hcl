schema "app" {
}
table "x" {
  schema = schema.app
  colum "a" { # ERROR: Unsupported block
    type = int
  }
}
