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
