table "parent" {
  schema = schema.app
  column "a" {
    type    = integer
    null    = true
    default = 1
  }
  column "b" {
    type = text
    null = false
  }
}
