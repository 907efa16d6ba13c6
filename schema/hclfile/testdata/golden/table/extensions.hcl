extension "citext" {
  schema  = schema.app
  version = "1.6"
}
