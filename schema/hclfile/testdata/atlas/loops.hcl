variable "tenant" {
  type    = string
  default = "acme"
}
variable "tables" {
  type    = list(string)
  default = ["x", "y"]
  description = "which"
}
variable "regions" {
  type    = map(string)
  default = { eu = "Europe", us = "America" }
}
variable "opts" {
  type = object({ n = number, s = optional(string, "z") })
  default = { n = 3 }
}
locals {
  prefix = "${var.tenant}_"
  names  = toset(var.tables)
  cols = {
    created_at = { type = "timestamptz", def = "now()" }
    updated_at = { type = "timestamptz", def = "now()" }
  }
  idx = [{ name = "i1", col = "created_at" }, { name = "i2", col = "updated_at" }]
}
schema "main" {
  name = var.tenant
}
schema "tenants" {
  for_each = local.names
  name     = "t_${each.value}"
}
table "each" {
  for_each = toset(["p", "q"])
  name     = "each_${each.value}"
  schema   = schema.main
  column "id" {
    type = int
  }
  dynamic "column" {
    for_each = local.cols
    labels   = [column.key]
    content {
      type    = sql(column.value.type)
      default = sql(column.value.def)
    }
  }
  dynamic "index" {
    for_each = local.idx
    labels   = ["${each.value}_${index.value.name}"]
    content {
      columns = [column[index.value.col]]
    }
  }
  primary_key {
    columns = [column.id]
  }
}
table "schemas" {
  for_each = { for s in local.names : s => s }
  name     = "settings"
  schema   = schema.tenants[each.key]
  column "id" {
    type = int
    null = false
  }
}
table "fmt" {
  schema = schema.main
  column "id" {
    type = int
    default = var.opts.n
  }
  column "s" {
    type = varchar(var.opts.n)
    default = var.opts.s
  }
  column "u" {
    type = text
    default = upper(join("-", var.tables))
  }
  column "cond" {
    type = text
    null = var.opts.n > 2 ? true : false
    default = format("%s_%d", var.tenant, 3)
  }
  comment = "for ${local.prefix}"
}
view "v" {
  schema = schema.main
  as = "SELECT id FROM ${var.tenant}.fmt"
}
table "users" {
  for_each = schema.tenants
  name     = "users"
  schema   = each.value
  column "id" {
    type = int
  }
  primary_key {
    columns = [column.id]
  }
}
table "orders" {
  for_each = table.users
  name     = "orders"
  schema   = schema.tenants[each.key]
  column "user_id" {
    type = int
  }
  foreign_key "user" {
    columns     = [column.user_id]
    ref_columns = [table.users[each.key].column.id]
    on_delete   = CASCADE
  }
}
table "first" {
  schema = schema.main
  column "user_id" {
    type = int
  }
  foreign_key "user" {
    columns     = [column.user_id]
    ref_columns = [table.users["x"].column.id]
  }
}
