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
