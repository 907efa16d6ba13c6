# Orders are kept by quarter: an old quarter is detached and archived in one statement.
table "orders" {
  schema = schema.shop

  column "id" {
    type    = uuid
    default = sql("gen_random_uuid()")
  }
  column "placed_at" {
    type    = timestamptz
    default = sql("now()")
  }
  column "customer_id" {
    type = bigint
  }
  column "status" {
    type    = enum.order_status
    default = "draft"
  }
  column "note" {
    type = text
    null = true
  }

  partition {
    type    = RANGE
    columns = [column.placed_at]
  }
  primary_key {
    columns = [column.id, column.placed_at]
  }
  foreign_key "orders_customer_id_fkey" {
    columns     = [column.customer_id]
    ref_columns = [table.customers.column.id]
  }
  index "orders_customer_id_placed_at_idx" {
    on {
      column = column.customer_id
    }
    on {
      column = column.placed_at
      desc   = true
    }
  }
  index "orders_open_idx" {
    columns = [column.placed_at]
    where   = "status = 'placed' OR status = 'paid'"
  }

  row_security {
    enabled = true
  }
  policy "own_orders" {
    for   = SELECT
    to    = [PUBLIC]
    using = "customer_id = current_setting('shop.customer_id', true)::bigint"
  }
  policy "own_drafts" {
    for   = UPDATE
    to    = [PUBLIC]
    using = "customer_id = current_setting('shop.customer_id', true)::bigint AND status = 'draft'"
    check = "status = 'draft' OR status = 'placed'"
  }
}

partition "orders_2026_q3" {
  schema = schema.shop
  of     = table.orders
  range {
    from = ["2026-07-01 00:00:00+00"]
    to   = ["2026-10-01 00:00:00+00"]
  }
}

partition "orders_2026_q4" {
  schema = schema.shop
  of     = table.orders
  range {
    from = ["2026-10-01 00:00:00+00"]
    to   = ["2027-01-01 00:00:00+00"]
  }
}

partition "orders_rest" {
  schema  = schema.shop
  of      = table.orders
  default = true
}

# No foreign key leads to orders: a quarter of them could not be detached then without its items.
table "order_items" {
  schema = schema.shop

  column "order_id" {
    type = uuid
  }
  column "line" {
    type = smallint
  }
  column "product_id" {
    type = bigint
  }
  column "quantity" {
    type    = int
    default = 1
  }
  column "unit_price" {
    type    = numeric(10, 2)
    comment = "As it was when the order was placed"
  }
  column "total" {
    type = numeric(12, 2)
    as {
      expr = "quantity * unit_price"
      type = STORED
    }
  }

  primary_key {
    columns = [column.order_id, column.line]
  }
  check "quantity_is_positive" {
    expr = "quantity > 0"
  }
  foreign_key "order_items_product_id_fkey" {
    columns     = [column.product_id]
    ref_columns = [table.products.column.id]
  }
  index "order_items_product_id_idx" {
    columns = [column.product_id]
  }
}
