table "users" {
  schema = schema.public
  column "id" {
    null = false
    type = bigserial
  }
  column "email" {
    null = false
    type = character_varying(255)
  }
  column "name" {
    null    = true
    type    = varchar
    default = "anonymous"
  }
  column "c" {
    null = false
    type = character(10)
    default = "x"
  }
  column "bio" {
    null = true
    type = text
    comment = "free text"
  }
  column "age" {
    null    = false
    type    = integer
    default = 0
  }
  column "neg" {
    null    = false
    type    = integer
    default = -1
  }
  column "score" {
    null    = false
    type    = numeric(10,2)
    default = 0.5
  }
  column "big" {
    null = true
    type = numeric
  }
  column "dbl" {
    null = true
    type = double_precision
  }
  column "flt" {
    null = true
    type = float
  }
  column "rl" {
    null = true
    type = real
  }
  column "active" {
    null    = false
    type    = boolean
    default = true
  }
  column "state" {
    null    = false
    type    = enum.status
    default = "on"
  }
  column "states" {
    null    = false
    type    = sql("status[]")
    default = "{}"
  }
  column "states2" {
    null    = true
    type    = sql("public.status[]")
    default = sql("'{}'::status[]")
  }
  column "created_at" {
    null    = false
    type    = timestamptz
    default = sql("now()")
  }
  column "updated_at" {
    null    = false
    type    = timestamp(6)
    default = sql("CURRENT_TIMESTAMP")
  }
  column "t3" {
    null = true
    type = timestamptz(3)
  }
  column "d" {
    null    = false
    type    = date
    default = "2020-01-01"
  }
  column "tm" {
    null = true
    type = time
  }
  column "tmz" {
    null = true
    type = timetz(3)
  }
  column "iv" {
    null = true
    type = interval
    default = "1 day"
  }
  column "iv2" {
    null = true
    type = interval(6)
  }
  column "ivy" {
    null = true
    type = year_to_month
  }
  column "ivs" {
    null = true
    type = second(2)
  }
  column "b" {
    null = true
    type = bytea
  }
  column "bt" {
    null = true
    type = bit
  }
  column "bt5" {
    null = true
    type = bit(5)
  }
  column "vb" {
    null = true
    type = bit_varying(5)
  }
  column "uid" {
    null    = false
    type    = uuid
    default = sql("gen_random_uuid()")
  }
  column "j" {
    null    = false
    type    = jsonb
    default = "{}"
  }
  column "js" {
    null    = false
    type    = json
    default = sql("'[]'::json")
  }
  column "x" {
    null = true
    type = xml
  }
  column "m" {
    null = true
    type = money
  }
  column "tags" {
    null    = true
    type    = sql("text[]")
  }
  column "matrix" {
    null    = true
    type    = sql("int[][]")
  }
  column "vca" {
    null = true
    type = sql("character varying(20)[]")
  }
  column "ip" {
    null = true
    type = inet
  }
  column "net" {
    null = true
    type = cidr
  }
  column "mac" {
    null = true
    type = macaddr
  }
  column "mac8" {
    null = true
    type = macaddr8
  }
  column "pt" {
    null = true
    type = point
  }
  column "pg" {
    null = true
    type = polygon
  }
  column "ts" {
    null = true
    type = tsvector
  }
  column "tq" {
    null = true
    type = tsquery
  }
  column "r" {
    null = true
    type = int4range
  }
  column "tr" {
    null = true
    type = tstzrange
  }
  column "mr" {
    null = true
    type = int8multirange
  }
  column "oidc" {
    null = true
    type = oid
  }
  column "rc" {
    null = true
    type = regclass
  }
  column "fullname" {
    null = false
    type = text
    as {
      expr = "((email)::text || 'x'::text)"
      type = STORED
    }
  }
  column "short" {
    type = text
    as   = "lower(bio)"
    null = true
  }
  column "manager_id" {
    null = true
    type = bigint
  }
  primary_key {
    columns = [column.id]
  }
  foreign_key "users_manager_id_fkey" {
    columns     = [column.manager_id]
    ref_columns = [table.users.column.id]
    on_update   = NO_ACTION
    on_delete   = SET_NULL
  }
  index "users_email_idx" {
    unique  = true
    columns = [column.email]
  }
  index "users_lower_email" {
    on {
      expr = "lower((email)::text)"
    }
  }
  index "users_brin" {
    columns = [column.created_at]
    type    = BRIN
    page_per_range = 64
  }
  index "users_gin" {
    columns = [column.j]
    type    = GIN
  }
  index "users_gin_ops" {
    type    = GIN
    on {
      column = column.j
      ops    = jsonb_path_ops
    }
  }
  index "users_hash" {
    columns = [column.email]
    type    = HASH
  }
  index "users_multi" {
    on {
      desc   = true
      column = column.created_at
    }
    on {
      column = column.email
      ops    = text_pattern_ops
      nulls_first = true
    }
    on {
      expr = "age + 1"
      desc = true
      nulls_last = true
    }
    where          = "(active AND (age > 3))"
    include        = [column.bio]
    nulls_distinct = false
    unique = true
    storage_params {
      fillfactor = 70
    }
  }
  index "users_spgist" {
    columns = [column.pt]
    type    = SPGIST
  }
  index "users_gist" {
    columns = [column.tr]
    type    = GIST
  }
  unique "users_uid_key" {
    columns = [column.uid]
    nulls_distinct = false
    deferrable = INITIALLY_DEFERRED
  }
  unique "users_inc" {
    columns = [column.email, column.age]
    include = [column.name]
  }
  check "positive" {
    expr = "(age >= 0)"
  }
  check "named" {
    expr = "length(email) > 3"
    comment = "no short ones"
  }
  comment = "people"
}
enum "status" {
  schema = schema.public
  values = ["on", "off", "it's"]
}
schema "public" {
  comment = "standard public schema"
}
