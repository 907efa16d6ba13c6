schema "app" {
}
table "users" {
  schema = schema.app
  column "id" {
    type = bigint
  }
  column "name" {
    type = text
  }
  primary_key {
    columns = [column.id]
  }
  column "a" {
    type    = serial
    default = 1 # ERROR: Contradicting arguments
  }
}
domain "d" {
  schema = schema.app
  type   = serial # ERROR: Invalid type
}
