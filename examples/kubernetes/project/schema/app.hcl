schema "app" {}

table "users" {
  schema = schema.app
  column "id" {
    type = bigint
    identity {
      generated = ALWAYS
    }
  }
  column "name" {
    type = text
  }
  primary_key {
    columns = [column.id]
  }
}
