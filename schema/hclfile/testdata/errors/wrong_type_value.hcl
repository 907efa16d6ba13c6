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
    type = int
    null = "maybe" # ERROR: Wrong type of value
  }
  column "b" {
    type = int
    null = yes # ERROR: Unknown variable
  }
  column "c" {
    type    = int
    default = [1] # ERROR: Wrong type of value
  }
  column "d" {
    type       = int
    statistics = "many" # ERROR: Wrong type of value
  }
  column "e" {
    type    = text
    comment = ["x"] # ERROR: Wrong type of value
  }
}
