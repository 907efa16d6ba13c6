schema "app" {
}
sequence "a" {
  schema    = schema.app
  type      = smallint
  max_value = 40000 # ERROR: Number out of range
}
sequence "b" {
  schema    = schema.app
  increment = 0 # ERROR: Number out of range
}
sequence "c" {
  schema    = schema.app
  min_value = 10
  max_value = 5 # ERROR: Number out of range
}
sequence "d" {
  schema = schema.app
  cache  = 0 # ERROR: Number out of range
}
sequence "e" {
  schema = schema.app
  start  = 1.5 # ERROR: Number out of range
}
sequence "f" {
  schema = schema.app
  type   = text # ERROR: Invalid type
}
sequence "g" {
  schema = schema.app
  start  = 9223372036854775808 # ERROR: Number out of range
}
sequence "h" {
  schema = schema.app
  start  = 1e999999999 # ERROR: Number out of range
}
