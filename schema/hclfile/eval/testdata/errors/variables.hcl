variable "count" {
  type    = number
  default = "many" # ERROR: Invalid default value
}
variable "count" { # ERROR: Duplicate variable
}
variable "needed" { # ERROR: No value for variable
  type = string
}
variable "9lives" { # ERROR: Invalid variable name
}
variable "typo" {
  defualt = 1 # ERROR: Unsupported argument
  default = 1
}
variable "shape" {
  type    = lst(string) # ERROR: Invalid type specification
  default = []
}
variable "size" {
  type    = number
  default = 7
  validation {
    condition     = var.size > 10 # ERROR: Invalid value for variable
    error_message = "size must be above 10"
  }
}
