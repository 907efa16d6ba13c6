schema "public" { comment = "app" }
enum "status" {
  schema = schema.public
  values = ["on", "off"]
}
table "users" {
  schema = schema.public
  column "id" { type = bigint }
  primary_key { columns = [column.id] }
}
table "orders" {
  schema = schema.public
  column "id" {
    type = bigint
    identity {
      generated = ALWAYS
      start     = 1
      increment = 1
    }
  }
  column "email"  {
    type = character_varying(255)
    null = true
  }
  column "user_id" {
    type = bigint
  }
  column "ts" { type = timestamptz(3) }
  column "qty" { type = int }
  column "price" { type = numeric(10,2) }
  column "room" { type = int }
  column "during" { type = tstzrange }
  column "owner" { type = text }
  column "status" {
    type    = enum.status
    default = "on"
  }
  column "total"  {
    type = numeric(10,2)
    as {
      expr = "qty * price"
      type = STORED
    }
  }
  column "full_name" {
    type         = text
    renamed_from = column.name
  }
  primary_key { columns = [column.id] }
  index "by_mail" {
    type           = BTREE
    unique         = true
    where          = "(email IS NOT NULL)"
    include        = [column.status]
    nulls_distinct = false
    on {
      expr       = "lower(email)"
      desc       = true
      nulls_last = true
      ops        = text_pattern_ops
    }
    storage_params { fillfactor = 70 }
  }
  index "brin" {
    type           = BRIN
    columns        = [column.id]
    page_per_range = 64
  }
  unique "u" {
    columns    = [column.email]
    deferrable = INITIALLY_DEFERRED
  }
  foreign_key "fk" {
    columns     = [column.user_id]
    ref_columns = [table.users.column.id]
    on_delete   = CASCADE
    deferrable  = INITIALLY_DEFERRED
  }
  check "pos" { expr = "(total > 0)" }
  exclude "no_overlap" {
    type = GIST
    on {
      column = column.room
      op     = "="
    }
    on {
      column = column.during
      op     = "&&"
    }
    where = "(room > 0)"
  }
  partition {
    type = RANGE
    by { column = column.ts }
  }
  row_security { enabled = true }
  dynamic "column" {
    for_each = var.extra
    content {
      type = text
    }
  }
}
variable "extra" {
  type    = list(string)
  default = ["note", "tag"]
}
partition "orders_2025" {
  schema = schema.public
  of     = table.orders
  range {
    from = ["2025-01-01"]
    to   = ["2026-01-01"]
  }
}
domain "us_zip" {
  schema = schema.public
  type   = text
  null   = true
  check "fmt" { expr = "VALUE ~ '^\\d{5}$'" }
}
composite "address" {
  schema = schema.public
  field "street" { type = text }
}
sequence "s" {
  schema    = schema.public
  type      = bigint
  increment = 3
  min_value = 9
}
view "active" {
  schema       = schema.public
  as           = "SELECT id FROM orders"
  depends_on   = [table.orders]
  check_option = CASCADED
}
materialized "totals" {
  schema = schema.public
  as     = "SELECT sum(total) s FROM orders"
  index "i" { columns = [column.s] }
}
function "positive" {
  schema     = schema.public
  lang       = SQL
  arg "v" { type = integer }
  return     = boolean
  as         = "SELECT v > 0"
  volatility = IMMUTABLE
}
function "audit" {
  schema = schema.public
  lang   = PLpgSQL
  return = trigger
  as     = <<-SQL
    BEGIN
      RETURN NEW;
    END
  SQL
}
trigger "audit" {
  on = table.orders
  after { update_of = [table.orders.column.email] }
  foreach = ROW
  when    = "(OLD.* IS DISTINCT FROM NEW.*)"
  execute { function = function.audit }
}
policy "own" {
  on    = table.orders
  for   = SELECT
  to    = [PUBLIC]
  using = "(owner = current_user)"
}
extension "citext" {
  schema  = schema.public
  version = "1.6"
}
