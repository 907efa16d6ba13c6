schema "app" {
  comment = "the application"
}

enum "app" "mood" {
  schema = schema.app
  values = ["sad", "it's \"ok\"", "$${happy} %%{x}"]
  comment = chomp(<<-SQL
    two
    lines
  SQL
  )
}

domain "email" {
  schema  = schema.app
  type    = sql("app.citext")
  null    = false
  default = "a@b"
  comment = "mail"
  check "has_at" {
    expr    = "(VALUE)::text ~ '@'::text"
    comment = "at"
  }
}

domain "short" {
  schema  = schema.app
  type    = character_varying(10)
  null    = true
  default = "x"
}

composite "address" {
  schema = schema.app
  field "street" {
    type    = text
    collate = "C"
  }
  field "zip" {
    type    = character(5)
    comment = "five"
  }
  field "tags" {
    type = sql("text[]")
  }
}

sequence "quick_id_seq" {
  schema   = schema.app
  type     = integer
  unlogged = true
  owned_by = table.quick.column.id
}

sequence "seq" {
  schema    = schema.app
  type      = smallint
  start     = -5
  increment = -2
  min_value = -100
  cache     = 5
  cycle     = true
}

sequence "users_serial_no_seq" {
  schema   = schema.app
  type     = integer
  owned_by = table.app.users.column.serial_no
}

table "child" {
  schema   = schema.app
  inherits = [table.parent]
  column "b" {
    type    = text
    null    = false
    default = "z"
  }
  column "c" {
    type = integer
    null = true
  }
}

table "l" {
  schema = schema.app
  column "a" {
    type = text
    null = true
  }
  partition {
    type    = LIST
    columns = [column.a]
  }
}

partition "l1" {
  schema = schema.app
  of     = table.l
  list {
    in = ["a", "b'c", null]
  }
}

table "measure" {
  schema = schema.app
  column "city" {
    type    = integer
    null    = false
    default = 1
  }
  column "logdate" {
    type = date
    null = false
  }
  column "peak" {
    type    = integer
    null    = true
    default = 7
  }
  column "note" {
    type = text
    null = true
  }
  index "measure_city_idx" {
    columns = [column.city]
  }
  partition {
    type = RANGE
    by {
      column = column.logdate
    }
    by {
      expr = "city + 1"
    }
  }
}

partition "measure_2024" {
  schema = schema.app
  of     = table.measure
  range {
    from = ["2024-01-01", MINVALUE]
    to   = ["2025-01-01", MAXVALUE]
  }
  index "measure_2024_city_idx" {
    columns = [column.city]
  }
}

partition "measure_2025" {
  schema = schema.app
  of     = table.measure
  range {
    from = ["2025-02-01", 0]
    to   = ["2026-01-01", -5]
  }
  column "peak" {
    default = 9
  }
  column "note" {
    null = false
  }
  unique "pk" {
    columns = [column.logdate, column.city]
  }
  index "measure_2025_city_idx" {
    columns = [column.city]
  }
  partition {
    type    = HASH
    columns = [column.city]
  }
}

partition "measure_2025_0" {
  schema = schema.app
  of     = partition.measure_2025
  hash {
    modulus   = 2
    remainder = 0
  }
  unique "measure_2025_0_logdate_city_key" {
    columns = [column.logdate, column.city]
  }
  index "measure_2025_0_city_idx" {
    columns = [column.city]
  }
}

partition "measure_rest" {
  schema  = schema.app
  of      = table.measure
  default = true
  column "peak" {
    default = null
  }
  index "measure_rest_city_idx" {
    columns = [column.city]
  }
}

table "orders" {
  schema = schema.app
  column "id" {
    type = integer
    null = false
  }
  column "user_id" {
    type = bigint
    null = true
  }
  column "u2" {
    type = bigint
    null = true
  }
  column "room" {
    type = integer
    null = true
  }
  column "during" {
    type = tsrange
    null = true
  }
  column "at" {
    type = date
    null = false
  }
  primary_key "orders_key" {
    columns = [column.id, column.at]
  }
  exclude "orders_during_excl" {
    type  = GIST
    where = "room > 0"
    on {
      column = column.during
      op     = "&&"
    }
  }
  foreign_key "fk" {
    columns           = [column.user_id]
    ref_columns       = [table.app.users.column.id]
    on_update         = CASCADE
    on_delete         = SET_NULL
    on_delete_columns = [column.user_id]
    deferrable        = INITIALLY_IMMEDIATE
  }
  trigger "ct" {
    foreach    = ROW
    constraint = true
    deferrable = INITIALLY_DEFERRED
    from       = table.app.users
    after {
      delete = true
    }
    execute {
      function = function.audit
    }
  }
}

table "parent" {
  schema = schema.app
  column "a" {
    type    = integer
    null    = true
    default = 1
  }
  column "b" {
    type = text
    null = false
  }
}

table "quick" {
  schema   = schema.app
  unlogged = true
  column "id" {
    type    = integer
    null    = false
    default = sql("nextval('app.quick_id_seq'::regclass)")
  }
  column "k" {
    type = text
    null = true
  }
}

table "typed" {
  schema = schema.app
  of     = composite.address
  column "street" {
    null    = false
    default = "main"
  }
}

table "app" "users" {
  schema           = schema.app
  replica_identity = primary_key.users_pkey
  comment          = "people"
  column "id" {
    type = bigint
    null = false
    identity {
      generated = ALWAYS
      start     = 10
      increment = 5
      max_value = 100000
      cache     = 3
      cycle     = true
    }
  }
  column "serial_no" {
    type    = integer
    null    = false
    default = sql("nextval('app.users_serial_no_seq'::regclass)")
  }
  column "name" {
    type    = character_varying(20)
    null    = true
    default = "bob"
    collate = "C"
    storage = EXTERNAL
    comment = "the \"name\""
  }
  column "flag" {
    type    = boolean
    null    = false
    default = true
  }
  column "n" {
    type       = integer
    null       = true
    default    = -5
    statistics = 500
    options {
      n_distinct = -0.5
    }
  }
  column "big" {
    type    = bigint
    null    = true
    default = 3000000000
  }
  column "num" {
    type    = numeric(10, 2)
    null    = true
    default = sql("1.50")
  }
  column "r" {
    type    = real
    null    = true
    default = 1.5
  }
  column "d" {
    type    = double_precision
    null    = true
    default = 0
  }
  column "c" {
    type    = character(3)
    null    = true
    default = "abc"
  }
  column "b" {
    type    = bit(4)
    null    = true
    default = "1010"
  }
  column "vb" {
    type = bit_varying(8)
    null = true
  }
  column "mood" {
    type    = enum.app.mood
    null    = true
    default = "sad"
  }
  column "moods" {
    type    = sql("app.mood[]")
    null    = true
    default = "{}"
  }
  column "m2" {
    type = enum["We ird"].mood
    null = true
  }
  column "mail" {
    type = domain.email
    null = true
  }
  column "sh" {
    type    = domain.short
    null    = true
    default = "y"
  }
  column "ts" {
    type    = timestamptz(3)
    null    = true
    default = sql("now()")
  }
  column "tt" {
    type = time(0)
    null = true
  }
  column "iv" {
    type    = sql("interval day to second(3)")
    null    = true
    default = "1 day"
  }
  column "iv2" {
    type = interval(2)
    null = true
  }
  column "dt" {
    type    = date
    null    = true
    default = "2020-01-01"
  }
  column "js" {
    type        = jsonb
    null        = true
    default     = "{\"a\": 1}"
    compression = pglz
  }
  column "u" {
    type    = uuid
    null    = true
    default = sql("gen_random_uuid()")
  }
  column "by" {
    type    = bytea
    null    = true
    default = "\\xdead"
  }
  column "arr" {
    type    = sql("integer[]")
    null    = true
    default = sql("ARRAY[1, 2]")
  }
  column "ip" {
    type = inet
    null = true
  }
  column "ch" {
    type = sql("\"char\"")
    null = true
  }
  column "ad" {
    type = composite.address
    null = true
  }
  column "nm" {
    type = name
    null = true
  }
  column "orng" {
    type = int4range
    null = true
  }
  column "total" {
    type = numeric
    null = true
    as {
      expr = "num * (2)::numeric"
      type = STORED
    }
  }
  column "odd col" {
    type = text
    null = true
  }
  column "column" {
    type = integer
    null = true
  }
  column "ünï" {
    type = text
    null = true
  }
  primary_key {
    columns   = [column.id]
    clustered = true
  }
  unique "users_name_flag_n_key" {
    columns    = [column.name, column.flag]
    include    = [column.n]
    deferrable = INITIALLY_DEFERRED
  }
  check "noinh" {
    expr       = "big > 0"
    no_inherit = true
  }
  check "nv" {
    expr      = "n < 1000"
    not_valid = true
  }
  check "pos" {
    expr    = "n > '-100'::integer"
    comment = "positive"
  }
  index "users_brin" {
    type    = BRIN
    columns = [column.ts]
    storage_params {
      pages_per_range = 64
    }
  }
  index "users_gin" {
    type = GIN
    on {
      column = column.js
      ops    = jsonb_path_ops
    }
    storage_params {
      fastupdate = "off"
    }
  }
  index "users_lower" {
    unique         = true
    where          = "n IS NOT NULL"
    include        = [column.big]
    nulls_distinct = false
    comment        = "idx"
    on {
      expr       = "lower((name)::text)"
      desc       = true
      nulls_last = true
      ops        = text_pattern_ops
    }
    on {
      column      = column.n
      nulls_first = true
    }
  }
  trigger "audit" {
    foreach = ROW
    when    = "new.n IS DISTINCT FROM 1"
    comment = "tg"
    before {
      insert    = true
      update_of = [column.name, column["odd col"]]
    }
    execute {
      function = function.audit
      args     = ["a", "b'c", "$${x}"]
    }
  }
  trigger "stat" {
    foreach = STATEMENT
    enabled = DISABLED
    after {
      update = true
    }
    referencing {
      old_table = "o"
      new_table = "n"
    }
    execute {
      function = function.audit
    }
  }
  policy "everyone" {
    using = "true"
  }
  policy "own" {
    as      = RESTRICTIVE
    for     = UPDATE
    to      = ["hclf_reader", "postgres"]
    using   = "(name)::text = CURRENT_USER"
    check   = "flag"
    comment = "pol"
  }
  row_security {
    enabled  = true
    enforced = true
  }
  storage_params {
    autovacuum_enabled = false
    fillfactor         = 70
  }
}

view "v" {
  schema       = schema.app
  as           = <<-SQL
    SELECT users.id,
        users.name
       FROM app.users
      WHERE users.flag
  SQL
  check_option = CASCADED
  comment      = "view"
  column "id" {
  }
  column "name" {
    default = sql("'joe'::character varying")
    comment = "col"
  }
  security {
    invoker = true
    barrier = true
  }
  trigger "inst" {
    foreach = ROW
    instead_of {
      insert = true
    }
    execute {
      function = function.audit
    }
  }
}

view "v2" {
  schema = schema.app
  as     = "SELECT 1 AS one"
}

materialized "mv" {
  schema    = schema.app
  as        = <<-SQL
    SELECT count(*) AS n,
        users.flag
       FROM app.users
      GROUP BY users.flag
  SQL
  with_data = false
  index "mv_flag" {
    unique  = true
    columns = [column.flag]
  }
  storage_params {
    fillfactor = 80
  }
}

function "add" {
  schema     = schema.app
  lang       = SQL
  return     = integer
  volatility = IMMUTABLE
  strict     = true
  parallel   = SAFE
  cost       = 5
  as         = "select a + b"
  arg "a" {
    type = integer
  }
  arg "b" {
    type    = integer
    default = 1
  }
  arg "rest" {
    type    = sql("integer[]")
    mode    = VARIADIC
    default = "{}"
  }
}

function "add" {
  schema     = schema.app
  lang       = SQL
  return     = text
  volatility = STABLE
  leakproof  = true
  comment    = "overload"
  as         = <<SQL
  select $1
SQL
  arg {
    type = text
  }
}

function "audit" {
  schema   = schema.app
  lang     = PLpgSQL
  return   = trigger
  security = DEFINER
  as       = <<-SQL

    begin
      -- $${x} and %%{y}
      return new;
    end
  SQL
  config_params {
    search_path = "app, pg_temp"
    work_mem    = "4MB"
  }
}

function "outs" {
  schema = schema.app
  lang   = SQL
  as     = "select 1, b"
  arg "a" {
    type = integer
    mode = OUT
  }
  arg "b" {
    type = text
    mode = INOUT
  }
}

function "setof_outs" {
  schema     = schema.app
  lang       = SQL
  return_set = record
  as         = "select 1, 'x'"
  arg "a" {
    type = integer
    mode = OUT
  }
  arg "b" {
    type = text
    mode = OUT
  }
}

function "std" {
  schema = schema.app
  lang   = SQL
  return = integer
  as     = "RETURN (a + 1)"
  arg "a" {
    type = integer
  }
}

function "std2" {
  schema     = schema.app
  lang       = SQL
  return_set = table.app.users
  as         = <<-SQL
    BEGIN ATOMIC
     SELECT users.id,
         users.serial_no,
         users.name,
         users.flag,
         users.n,
         users.big,
         users.num,
         users.r,
         users.d,
         users.c,
         users.b,
         users.vb,
         users.mood,
         users.moods,
         users.m2,
         users.mail,
         users.sh,
         users.ts,
         users.tt,
         users.iv,
         users.iv2,
         users.dt,
         users.js,
         users.u,
         users.by,
         users.arr,
         users.ip,
         users.ch,
         users.ad,
         users.nm,
         users.orng,
         users.total,
         users."odd col",
         users."column",
         users."ünï"
        FROM app.users;
    END
  SQL
  arg "a" {
    type = integer
  }
}

function "tab" {
  schema = schema.app
  lang   = SQL
  rows   = 10
  as     = "select 1, 'sad'::app.mood"
  arg "n" {
    type = integer
  }
  return_table {
    column "x" {
      type = integer
    }
    column "y" {
      type = enum.app.mood
    }
  }
}

procedure "proc" {
  schema = schema.app
  lang   = PLpgSQL
  as     = "begin x := 1; end"
  arg "x" {
    type = integer
    mode = INOUT
  }
}
