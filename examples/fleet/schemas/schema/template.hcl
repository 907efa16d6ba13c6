schema "template" {}

table "accounts" {
  schema = schema.template
  column "id" {
    type = bigint
    identity {
      generated = ALWAYS
    }
  }
  column "email" {
    type = text
  }
  column "created_at" {
    type    = timestamptz
    default = sql("now()")
  }
  primary_key {
    columns = [column.id]
  }
  index "accounts_email_key" {
    unique = true
    on {
      expr = "lower(email)"
    }
  }
}

table "notes" {
  schema = schema.template
  column "account_id" {
    type = bigint
  }
  column "body" {
    type = text
  }
  foreign_key "notes_account" {
    columns     = [column.account_id]
    ref_columns = [table.accounts.column.id]
    on_delete   = CASCADE
  }
}

view "talkative" {
  schema = schema.template
  as     = "SELECT a.id, count(*) AS notes FROM template.accounts a JOIN template.notes n ON n.account_id = a.id GROUP BY a.id"
}

function "count_notes" {
  schema = schema.template
  lang   = SQL
  return = bigint
  arg "account" {
    type = bigint
  }
  volatility = STABLE
  as         = "SELECT count(*) FROM template.notes WHERE account_id = account"
}
