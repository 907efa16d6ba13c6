table "l" {
  schema = schema.app
  column "a" {
    type = text
    null = true
  }
  partition {
    type    = LIST
    columns = [column.a]
  }
}

partition "l1" {
  schema = schema.app
  of     = table.l
  list {
    in = ["a", "b'c", null]
  }
}
