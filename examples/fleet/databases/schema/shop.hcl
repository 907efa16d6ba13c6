schema "shop" {}

table "products" {
  schema = schema.shop
  column "id" {
    type = bigint
    identity {
      generated = ALWAYS
    }
  }
  column "name" {
    type = text
  }
  column "price" {
    type = numeric(10, 2)
  }
  primary_key {
    columns = [column.id]
  }
}
