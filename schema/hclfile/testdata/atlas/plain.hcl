schema "public" {}
table "a" {
  schema = schema.public
  column "id" {
    type = int
    null = false
  }
  column "w" {
    type = double_precision
    null = true
  }
  column "k" {
    type = sql("public.kind")
    default = sql("'x'::public.kind")
  }
  column "ts" {
    null = false
    type = timestamp
    default = sql("now()")
  }
  column "ts2" {
    type = timestamp_without_time_zone(3)
    null = true
  }
  column "u" {
    type = sql("uuid[]")
    default = sql("ARRAY[]::uuid[]")
  }
  column "iv" {
    type = interval
    null = true
  }
  column "t2" {
    type = time_with_time_zone
    null = true
  }
  column "gen" {
    type = int
    as {
      expr = "id * 2"
      type = STORED
    }
    null = true
  }
  primary_key {
    on {
      column = column.id
    }
  }
  index "i1" {
    unique = true
    columns = [column.id, column.w]
    where = "w IS NOT NULL"
  }
  index "i2" {
    on {
      column = column.w
      desc = true
    }
    type = BTREE
  }
  index "i3" {
    on {
      expr = "(id + 1)"
    }
    include = [column.w]
    comment = "c"
  }
  foreign_key "f" {
    columns = [column.id]
    ref_columns = [table.b.column.id]
    on_delete = SET_NULL
    on_update = SET_DEFAULT
    match = FULL
  }
}
table "b" {
  schema = schema.public
  column "id" {
    type = int
    null = false
  }
  primary_key {
    columns = [column.id]
  }
  foreign_key "back" {
    columns = [column.id]
    ref_columns = [table.a.column.id]
    deferrable = true
  }
}
enum "kind" {
  schema = schema.public
  values = ["x"]
}
enum "unused" {
  schema = schema.public
  values = [
    "1st",
    "two words",
    "",
  ]
}
trigger "trg" {
  on = table.a
  before {
    insert = true
    update = true
  }
  foreach = ROW
  when = "(NEW.id IS NOT NULL)"
  execute {
    function = function.tf
  }
}
trigger "trunc" {
  on = table.a
  before {
    truncate = true
  }
  foreach = STATEMENT
  execute {
    function = function.tf
  }
}
function "tf" {
  schema = schema.public
  lang = PLpgSQL
  return = trigger
  as = <<-SQL
  BEGIN
    RETURN NEW;
  END;
  SQL
}
function "over" {
  schema = schema.public
  lang = SQL
  arg "a" {
    type = int
  }
  return = int
  as = "SELECT a"
}
function "over" {
  schema = schema.public
  lang = SQL
  arg "a" {
    type = text
  }
  return = int
  as = "SELECT 1"
}
view "v" {
  schema = schema.public
  as = <<-SQL
    WITH x AS (
      SELECT id FROM a
    )
    SELECT x.id, b.id AS bid
    FROM x JOIN b USING (id)
  SQL
  column "id" {
    type = int
  }
  column "bid" {
    type = int
    null = true
  }
  depends_on = [table.a, table.b]
}
materialized "mv" {
  schema = schema.public
  as = "SELECT count(*) AS n FROM v"
  index "mvi" {
    columns = [column.n]
    unique = true
  }
  depends_on = [view.v]
}
sequence "counter" {
  schema = schema.public
  start = 5
  owner = table.a.column.id
}
