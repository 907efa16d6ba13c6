schema "app" {
}
variable "a" {
  default = "x"
}
table "x" {
  schema  = schema.app
  comment = var.b # ERROR: Undeclared variable
}
table "y" {
  schema  = schema.app
  comment = local.b # ERROR: Undeclared local
}
table "z" {
  schema  = schema.app
  comment = nosuch("x") # ERROR: Call to unknown function
}
