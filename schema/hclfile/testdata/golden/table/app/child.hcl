table "child" {
  schema   = schema.app
  inherits = [table.parent]
  column "b" {
    type    = text
    null    = false
    default = "z"
  }
  column "c" {
    type = integer
    null = true
  }
}
