table "typed" {
  schema = schema.app
  of     = composite.address
  column "street" {
    null    = false
    default = "main"
  }
}
