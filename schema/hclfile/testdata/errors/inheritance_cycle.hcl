schema "app" {
}
table "a" { # ERROR: Cycle in inheritance
  schema   = schema.app
  inherits = [table.b]
}
table "b" { # ERROR: Cycle in inheritance
  schema   = schema.app
  inherits = [table.a]
}
