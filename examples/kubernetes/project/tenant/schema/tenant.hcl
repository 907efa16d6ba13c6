schema "tenant" {}

table "members" {
  schema = schema.tenant
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
