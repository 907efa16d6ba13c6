schema "app" {
}
variable "pw" {
  default   = "s3cret"
  sensitive = true
}
table "x" {
  schema  = schema.app
  comment = "x${var.pw}" # ERROR: Sensitive value
  column "a" {
    type    = text
    default = var.pw # ERROR: Sensitive value
  }
}
