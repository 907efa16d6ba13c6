table "changes" {
  schema = schema.audit

  column "id" {
    type = bigint
    identity {
      generated = ALWAYS
    }
  }
  column "at" {
    type    = timestamptz
    default = sql("clock_timestamp()")
  }
  column "who" {
    type    = text
    default = sql("CURRENT_USER")
  }
  column "what" {
    type = text
  }
  column "before" {
    type = jsonb
    null = true
  }
  column "after" {
    type = jsonb
    null = true
  }

  primary_key {
    columns = [column.id]
  }
  index "changes_at_idx" {
    type    = BRIN
    columns = [column.at]
  }
}

function "record" {
  schema   = schema.audit
  lang     = PLpgSQL
  return   = trigger
  security = DEFINER
  comment  = "Writes what changed in a row"
  config_params {
    search_path = "pg_catalog"
  }
  as = <<-SQL
    BEGIN
      INSERT INTO audit.changes (what, before, after)
      VALUES (
        format('%s on %I.%I', tg_op, tg_table_schema, tg_table_name),
        CASE WHEN tg_op <> 'INSERT' THEN to_jsonb(old) END,
        CASE WHEN tg_op <> 'DELETE' THEN to_jsonb(new) END
      );
      RETURN NULL;
    END
  SQL
}

trigger "record_products" {
  on = table.products
  after {
    insert = true
    update = true
    delete = true
  }
  foreach = ROW
  execute {
    function = function.record
  }
}

trigger "record_customers" {
  on = table.customers
  after {
    update_of = [table.customers.column.email, table.customers.column.closed_at]
  }
  foreach = ROW
  when    = "OLD.* IS DISTINCT FROM NEW.*"
  execute {
    function = function.record
  }
}
