# One schema for each tenant, all in one database. Schema files and migrations are written for the schema "template", which need not exist:
# it stands for the schema of each tenant.
variable "database" {
  type    = string
  default = "postgres://postgres@localhost:5432/app"
}

env "tenants" {
  url      = var.database
  contract = "immediate"

  targets {
    # Any query whose columns are among name, schema, database and url.
    query    = "SELECT name, schema_name AS schema FROM registry.tenants WHERE NOT closed"
    template = "template"
  }

  rollout {
    canary   = "5%"
    parallel = 4
    on_error = "continue"
  }
}
