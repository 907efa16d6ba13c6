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
