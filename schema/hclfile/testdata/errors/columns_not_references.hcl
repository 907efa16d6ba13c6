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
  index "i" {
    columns = ["name"] # ERROR: Invalid reference
  }
  index "j" {
    columns = column.name # ERROR: Wrong type of value
  }
  index "k" {
    columns = [name] # ERROR: Invalid reference
  }
  index "l" {
    columns = [] # ERROR: Missing columns
  }
  index "m" { # ERROR: Missing argument
  }
  index "n" {
    columns = [column.id, column.id] # ERROR: Duplicate column
  }
}
