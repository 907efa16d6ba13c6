variable "tenant" {
  default = "a"
}
locals {
  a = local.b # ERROR: Cycle in locals
  b = local.c
  c = local.a
  d = var.tennant # ERROR: Undeclared variable
  e = local.zzzz # ERROR: Undeclared local
  f = upper(1, 2) # ERROR: Too many function arguments
  g = nosuch("x") # ERROR: Call to unknown function
}
locals {
  f = 1 # ERROR: Duplicate local
}
