variable "tenant" {
  default = "a"
}
contract = "gatd" # ERROR: Invalid value
env "one" {
  contract = "gated"
  scope = "public" # ERROR: Invalid value
  lock_timeout = "5" # ERROR: Invalid value
  url = var.tenent # ERROR: Undeclared variable
  schema = file("no-such-file") # ERROR: Error in function call
  manage_roles = true # ERROR: Not built yet
  ignore = ["audit.*", ""] # ERROR: Invalid value
  role = nosuch("x") # ERROR: Call to unknown function
  release = local.label # ERROR: Undeclared local
  migrations = unknown_root # ERROR: Unknown variable
}
