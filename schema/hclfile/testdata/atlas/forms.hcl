schema "s" {}
extension "btree_gist" {
  schema = schema.s
}
extension "pg_trgm" {
  schema  = schema.s
  comment = "text similarity measurement and index searching based on trigrams"
}
enum "color" {
  schema = schema.s
  values = ["red", "green"]
}
composite "pair" {
  schema = schema.s
  field "a" {
    type = int
  }
  field "b" {
    type = sql("text[]")
  }
}
table "t" {
  schema = schema.s
  depends_on = [enum.color]
  comment = <<-EOT
  several
  lines with "quotes" and 'apostrophes'
  EOT
  column "id" {
    type = uuid
    default = sql("gen_random_uuid()")
    comment = ""
  }
  column "a" {
    type    = sql("s.color[]")
    default = sql("'{red}'::s.color[]")
  }
  column "a2" {
    type = sql("color[]")
    default = sql("ARRAY['red'::s.color]")
  }
  column "b" {
    type = timestamp_with_time_zone(3)
    default = sql("(now() AT TIME ZONE 'utc'::text)")
  }
  column "c" {
    type = decimal(10,2)
    default = "0.00"
  }
  column "c2" {
    type = numeric(10)
    default = 1.50
  }
  column "d" {
    type = hour_to_second(3)
    null = true
  }
  column "e" {
    type = char(1)
    default = "x"
  }
  column "f" {
    type = char
    default = "f"
  }
  column "g" {
    type = bit(3)
    default = sql("'101'::\"bit\"")
  }
  column "h" {
    type = smallserial
  }
  column "i" {
    type = serial
  }
  column "j" {
    type = json
    default = "{\"a\": 1}"
  }
  column "k" {
    type = boolean
    default = sql("(NOT true)")
  }
  column "l" {
    type = sql("numeric(10,2)[]")
    null = true
  }
  column "m" {
    type = interval
    default = sql("'01:00:00'::interval")
  }
  column "n" {
    type = "text"
    null = true
  }
  column "o" {
    type = sql("timestamp with time zone")
    null = true
  }
  column "p" {
    type = sql("varchar")
    default = sql("NULL")
    null = true
  }
  column "q" {
    type = sql("int")
    default = null
    null = true
  }
  column "during" {
    type = tsrange
  }
  column "x y" {
    type = int
    null = true
  }
  column "type" {
    type = float(24)
    null = true
  }
  column "bigf" {
    type = float8
    default = 1e10
  }
  column "bytes" {
    type = bytea
    default = sql("'\\x00'::bytea")
  }
  column "n1" {
    type = int8
    default = 9223372036854775807
  }
  column "n2" {
    type = name
    null = true
  }
  column "p1" {
    type = sql("s.pair")
    null = true
  }
  primary_key {
    columns = [column.id]
    comment = "pk"
    type = BTREE
  }
  unique "u1" {
    columns = [column["x y"]]
    comment = "u"
  }
  index "trgm" {
    type = GIN
    on {
      column = column.n
      ops    = gin_trgm_ops
    }
  }
  index "trgm2" {
    type = "GIN"
    on {
      column = column.n
      ops    = sql("s.gin_trgm_ops")
    }
    storage_params {
      fastupdate = false
    }
  }
  index "gist_buf" {
    type = GIST
    columns = [column.during]
    storage_params {
      buffering = AUTO
      fillfactor = 80
    }
  }
  index "two" {
    on {
      expr = "(c2 + 1)"
    }
    on {
      column = column.type
      nulls_last = true
    }
  }
  exclude "ex" {
    type = GIST
    on {
      column = column.h
      op     = "="
    }
    on {
      column = column.during
      op     = "&&"
    }
    deferrable = INITIALLY_DEFERRED
    comment = "no overlap"
  }
  foreign_key "fk" {
    columns = [column.id]
    ref_columns = [table.u.column.id]
    on_delete = "CASCADE"
    on_update = NO_ACTION
  }
  check "c" {
    expr = "c > 0"
  }
}
table "u" {
  schema = schema.s
  column "id" {
    type = uuid
  }
  primary_key {
    columns = [column.id]
  }
}
view "v" {
  schema = schema.s
  as = file("sql/v.sql")
}
view "dep" {
  schema = schema.s
  as = "SELECT * FROM s.v"
  depends_on = [view.v]
}
function "f" {
  schema = schema.s
  lang = SQL
  arg "a" {
    type = enum.color
  }
  return = sql("text[]")
  as = "SELECT ARRAY[a::text]"
}
function "f2" {
  schema = schema.s
  lang = PLpgSQL
  arg "x" {
    type = sql("s.pair")
    default = sql("NULL::s.pair")
  }
  arg "y" {
    type = text
    default = "a'b"
  }
  arg "z" {
    type = composite.pair
    default = null
  }
  return_set = composite.pair
  as = <<-SQL
BEGIN
  RETURN QUERY SELECT x.*;
END
SQL
}
function "f3" {
  schema = schema.s
  lang = PLpgSQL
  return = void
  as = "BEGIN END"
}
function "f4" {
  schema = schema.s
  lang = PLpgSQL
  return_set = table.u
  as = "BEGIN RETURN QUERY SELECT * FROM s.u; END"
}
function "f5" {
  schema = schema.s
  lang = PLpgSQL
  return = enum.color
  as = "BEGIN RETURN 'red'; END"
}
