# The project file. Nothing in it is needed: schema/ and migrations/ are the defaults, and the connection comes from
# PLEAT_URL where no environment is named.

variable "password" {
  type      = string
  default   = ""
  sensitive = true
}

env "local" {
  url = "postgres://postgres:${var.password}@localhost:5432/shop"

  # One file does expand and contract, and nothing waits. Elsewhere contract files wait for evidence that nothing uses what
  # they take away.
  contract = "immediate"
}
