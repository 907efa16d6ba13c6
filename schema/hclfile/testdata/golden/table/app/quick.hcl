table "quick" {
  schema   = schema.app
  unlogged = true
  column "id" {
    type    = integer
    null    = false
    default = sql("nextval('app.quick_id_seq'::regclass)")
  }
  column "k" {
    type = text
    null = true
  }
}
