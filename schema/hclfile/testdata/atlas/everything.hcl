schema "app" {
  comment = "app"
}
schema "audit" {}
extension "pgcrypto" {
  schema  = schema.app
  version = "1.3"
  comment = "cryptographic functions"
}
extension "citext" {
  schema = schema.app
}
extension "hstore" {
  schema     = schema.app
  depends_on = [extension.citext]
}
enum "state" {
  schema  = schema.app
  values  = ["a", "b"]
  comment = "states"
}
enum "audit" "state" {
  schema = schema.audit
  values = ["x"]
}
domain "us_zip" {
  schema  = schema.app
  type    = text
  null    = true
  default = "12345"
  comment = "zip"
  check "us_zip_check" {
    expr = "(VALUE ~ '^\\d{5}$'::text)"
  }
}
domain "posint" {
  schema  = schema.app
  type    = integer
  null    = false
  default = 7
  check "pos" {
    expr = "VALUE > 0"
  }
}
composite "address" {
  schema = schema.app
  field "street" {
    type = text
  }
  field "code" {
    type    = varchar(10)
    collate = "C"
  }
  field "zip" {
    type = domain.us_zip
  }
  comment = "an address"
}
sequence "s1" {
  schema    = schema.app
  type      = smallint
  start     = 100
  increment = 3
  min_value = 1
  max_value = 1000
  cache     = 5
  cycle     = true
  comment   = "seq"
}
sequence "owned" {
  schema = schema.app
  owner  = table.t.column.n
}
table "app" "t" {
  schema = schema.app
  column "id" {
    type = bigint
    identity {
      generated = ALWAYS
      start     = 10
      increment = 2
    }
  }
  column "id2" {
    type = int
    null = false
    identity {
      generated = BY_DEFAULT
    }
  }
  column "n" {
    type    = int
    default = sql("nextval('app.s1'::regclass)")
  }
  column "state" {
    type    = enum.app.state
    default = "a"
  }
  column "ci" {
    type    = sql("app.citext")
    default = ""
  }
  column "h" {
    type = hstore
    null = true
  }
  column "zip" {
    type = domain.us_zip
  }
  column "addr" {
    type = composite.address
    null = true
  }
  column "addrs" {
    type = sql("app.address[]")
    null = true
  }
  column "name" {
    type    = text
    collate = "C"
  }
  column "lower" {
    type = text
    as {
      expr = "lower(name)"
    }
  }
  column "room" {
    type = int
  }
  column "during" {
    type = tstzrange
  }
  primary_key "t_pk" {
    columns = [column.id, column.id2]
    include = [column.n]
    comment = "key"
  }
  exclude "no_overlap" {
    type = GIST
    on {
      column = column.during
      op     = "&&"
    }
    where = "(room > 0)"
    comment = "x"
  }
  foreign_key "self" {
    columns     = [column.id, column.id2]
    ref_columns = [column.id, column.id2]
    on_delete   = CASCADE
    on_update   = RESTRICT
    deferrable  = INITIALLY_DEFERRED
    comment     = "fk"
  }
  row_security {
    enabled  = true
    enforced = true
  }
  storage_params {
    fillfactor                        = 70
    autovacuum_enabled                = true
    autovacuum_vacuum_scale_factor    = 0.1
  }
  replica_identity = index.uq
  index "uq" {
    unique  = true
    columns = [column.room, column.n]
    storage_params {
      deduplicate_items = false
    }
  }
}
table "logs" {
  schema   = schema.audit
  unlogged = true
  column "at" {
    type    = timestamptz(6)
    default = sql("now()")
  }
  column "who" {
    type = varchar(255)
    null = true
  }
  column "t_id" {
    type = bigint
    null = true
  }
  column "t_id2" {
    type = integer
    null = true
  }
  foreign_key "t_fk" {
    columns     = [column.t_id, column.t_id2]
    ref_columns = [table.app.t.column.id, table.app.t.column.id2]
    on_delete   = SET_DEFAULT
  }
}
table "orders" {
  schema = schema.app
  column "id" {
    type = bigint
  }
  column "ts" {
    type = timestamptz
  }
  column "region" {
    type = text
  }
  primary_key {
    columns = [column.id, column.ts]
  }
  partition {
    type = RANGE
    by {
      column = column.ts
    }
  }
}
partition "orders_2025" {
  schema = schema.app
  of     = table.orders
  range {
    from = ["2025-01-01 00:00:00+00"]
    to   = ["2026-01-01 00:00:00+00"]
  }
}
partition "orders_rest" {
  schema = schema.app
  of     = table.orders
}
table "byhash" {
  schema = schema.app
  column "id" {
    type = bigint
  }
  column "x" {
    type = int
  }
  partition {
    type    = HASH
    columns = [column.id]
  }
}
partition "byhash_0" {
  schema = schema.app
  of     = table.byhash
  hash {
    modulus   = 1
    remainder = 0
  }
}
table "bylist" {
  schema = schema.app
  column "id" {
    type = bigint
  }
  column "c" {
    type = text
  }
  partition {
    type    = LIST
    by {
      expr = "lower(c)"
    }
  }
}
partition "bylist_a" {
  schema = schema.app
  of     = table.bylist
  list {
    in = ["a", "b"]
  }
}
view "active" {
  schema = schema.app
  column "id" {
    type = bigint
  }
  column "name" {
    type    = text
    null    = true
    comment = "the name"
  }
  as           = "SELECT t.id, t.name FROM app.t WHERE t.room > 0"
  check_option = CASCADED
  comment      = "active ones"
  depends_on   = [table.app.t]
  security {
    invoker = true
    barrier = true
  }
}
materialized "totals" {
  schema = schema.app
  column "s" {
    type = bigint
  }
  as = <<-SQL
    SELECT sum(n) AS s
      FROM app.t;
  SQL
  index "totals_i" {
    unique  = true
    columns = [column.s]
  }
  comment    = "m"
  depends_on = [table.app.t]
}
function "positive" {
  schema = schema.app
  lang   = SQL
  arg "v" {
    type = integer
  }
  return     = boolean
  as         = "SELECT v > 0"
  volatility = IMMUTABLE
  leakproof  = true
  strict     = true
  parallel   = SAFE
  security   = INVOKER
  comment    = "pos"
}
function "sql_body1" {
  schema = schema.app
  lang   = SQL
  return = integer
  as     = "RETURN 1"
}
function "sql_body2" {
  schema = schema.app
  lang   = SQL
  arg "a" {
    type = integer
  }
  arg "b" {
    type    = integer
    default = 1
  }
  return = integer
  as     = <<-SQL
  BEGIN ATOMIC
   SELECT (a + b);
  END
  SQL
}
function "tbl" {
  schema = schema.app
  lang   = SQL
  arg {
    type = text
  }
  return_table {
    column "a" {
      type = integer
    }
    column "b" {
      type = text
    }
  }
  as = "SELECT 1, $1"
}
function "setof" {
  schema = schema.app
  lang   = SQL
  return_set = table.logs
  as = "SELECT * FROM audit.logs"
}
function "outs" {
  schema = schema.app
  lang   = PLpgSQL
  arg "a" {
    type = integer
    mode = IN
  }
  arg "b" {
    type = integer
    mode = OUT
  }
  arg "c" {
    type = integer
    mode = INOUT
  }
  as     = <<-SQL
  BEGIN
    b := a; c := a;
  END;
  SQL
}
function "variadic" {
  schema = schema.app
  lang = SQL
  arg "xs" {
    type = sql("integer[]")
    mode = VARIADIC
  }
  return = bigint
  as = "SELECT count(*) FROM unnest(xs)"
}
procedure "proc" {
  schema = schema.app
  lang   = PLpgSQL
  arg "a" {
    type    = text
    default = "x"
  }
  as = <<-SQL
  BEGIN
    DELETE FROM audit.logs WHERE who = a;
  END;
  SQL
  security = DEFINER
  config_params {
    search_path = "pg_catalog"
  }
}
function "audit" {
  schema = schema.app
  lang   = PLpgSQL
  return = trigger
  as     = <<-SQL
  BEGIN
    INSERT INTO audit.logs (who) VALUES (current_user);
    RETURN NEW;
  END;
  SQL
}
trigger "t_audit" {
  on = table.app.t
  after {
    insert = true
    update_of = [table.app.t.column.name]
    delete = true
  }
  foreach = ROW
  execute {
    function = function.audit
  }
  comment = "trig"
}
trigger "t_stmt" {
  on = table.app.t
  after {
    update = true
  }
  for = STATEMENT
  referencing {
    old_table = "o"
    new_table = "n"
  }
  execute {
    function = function.audit
    args     = ["a", "b"]
  }
}
trigger "v_ins" {
  on = view.active
  instead_of {
    insert = true
  }
  foreach = ROW
  execute {
    function = function.audit
  }
}
trigger "c_trig" {
  on         = table.app.t
  constraint = true
  after {
    insert = true
  }
  foreach = ROW
  deferrable = INITIALLY_DEFERRED
  when = "(NEW.room > 3)"
  execute {
    function = function.audit
  }
}
policy "p1" {
  on    = table.app.t
  as    = PERMISSIVE
  for   = SELECT
  to    = [PUBLIC]
  using = "(name = (CURRENT_USER)::text)"
  comment = "pol"
}
policy "p2" {
  on    = table.app.t
  as    = RESTRICTIVE
  for   = ALL
  to    = ["postgres"]
  using = "true"
  check = "(room > 0)"
}
