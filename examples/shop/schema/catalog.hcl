table "categories" {
  schema = schema.shop

  column "id" {
    type = int
    identity {
      generated = BY_DEFAULT
    }
  }
  column "parent_id" {
    type = int
    null = true
  }
  column "name" {
    type = text
  }

  primary_key {
    columns = [column.id]
  }
  unique "categories_parent_id_name_key" {
    columns = [column.parent_id, column.name]
  }
  foreign_key "categories_parent_id_fkey" {
    columns     = [column.parent_id]
    ref_columns = [table.categories.column.id]
    on_delete   = RESTRICT
  }
}

table "products" {
  schema  = schema.shop
  comment = "What can be ordered"

  column "id" {
    type = bigint
    identity {
      generated = ALWAYS
    }
  }
  column "category_id" {
    type = int
  }
  column "sku" {
    type = varchar(32)
  }
  column "name" {
    type = text
  }
  column "description" {
    type    = text
    default = ""
  }
  column "state" {
    type    = enum.product_state
    default = "draft"
  }
  column "price" {
    type    = numeric(10, 2)
    comment = "In euro, taxes included"
  }
  column "attributes" {
    type    = jsonb
    default = sql("'{}'::jsonb")
  }
  column "words" {
    type = tsvector
    as {
      expr = "to_tsvector('simple', name || ' ' || description)"
      type = STORED
    }
  }

  primary_key {
    columns = [column.id]
  }
  unique "products_sku_key" {
    columns = [column.sku]
  }
  check "price_is_not_negative" {
    expr = "price >= 0"
  }
  foreign_key "products_category_id_fkey" {
    columns     = [column.category_id]
    ref_columns = [table.categories.column.id]
  }
  index "products_words_idx" {
    type    = GIN
    columns = [column.words]
  }
  index "products_category_id_idx" {
    columns = [column.category_id]
    include = [column.name, column.price]
    where   = "state = 'on_sale'"
  }
}
