schema "app" {
}
schema "b" {
}
removed { # ERROR: Ambiguous reference
  from = table.legacy
}
removed {
  from = table.b.legacy
}
