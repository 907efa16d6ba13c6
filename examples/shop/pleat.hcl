# The project file. Nothing in it is needed: schema/ and migrations/ are the defaults, and the connection comes from
# PLEAT_URL where no environment is named.

variable "password" {
  type      = string
  default   = ""
  sensitive = true
}

env "local" {
  url = "postgres://postgres:${var.password}@localhost:5432/shop"
}
