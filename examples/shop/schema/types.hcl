enum "order_status" {
  schema  = schema.shop
  values  = ["draft", "placed", "paid", "shipped", "delivered", "cancelled"]
  comment = "An order goes through these in this order"
}

enum "product_state" {
  schema = schema.shop
  values = ["draft", "on_sale", "retired"]
}

domain "email" {
  schema = schema.shop
  type   = text
  null   = false
  check "looks_like_an_address" {
    expr = "VALUE ~ '^[^@ ]+@[^@ ]+$'"
  }
  comment = "An address for mail, as a person typed it"
}

composite "postal_address" {
  schema = schema.shop
  field "street" {
    type = text
  }
  field "postcode" {
    type = varchar(12)
  }
  field "country" {
    type    = char(2)
    comment = "ISO 3166-1 alpha-2"
  }
}
