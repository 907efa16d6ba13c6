# One database for each tenant. What is true for all of them stands in the environment; which tenants there are, in a file.
variable "server" {
  type    = string
  default = "postgres://postgres@localhost:5432/postgres"
}

env "tenants" {
  # The server of all targets; what comes after it says which database.
  url      = var.server
  contract = "immediate"

  targets {
    file     = "tenants.csv"
    database = "shop_${target.name}"
  }

  rollout {
    canary       = ["acme"]
    parallel     = 8
    max_failures = "10%"
  }
}
