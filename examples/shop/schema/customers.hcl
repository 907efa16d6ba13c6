table "customers" {
  schema  = schema.shop
  comment = "People with an account"

  column "id" {
    type = bigint
    identity {
      generated = ALWAYS
      start     = 1000
    }
  }
  column "email" {
    type = domain.email
  }
  column "name" {
    type = varchar(200)
  }
  column "ship_to" {
    type = composite.postal_address
    null = true
  }
  column "created_at" {
    type    = timestamptz
    default = sql("now()")
  }
  column "closed_at" {
    type    = timestamptz
    null    = true
    comment = "Set instead of deleting: orders stay"
  }

  primary_key {
    columns = [column.id]
  }
  check "name_is_not_blank" {
    expr = "btrim(name) <> ''"
  }
  # One open account for each address, however it is written.
  index "customers_email_key" {
    unique = true
    where  = "closed_at IS NULL"
    on {
      expr = "lower(email::text)"
    }
  }
}
