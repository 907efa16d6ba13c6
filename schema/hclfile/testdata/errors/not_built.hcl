schema "app" {
}
role "r" { # ERROR: Not built yet: role
}
event_trigger "e" { # ERROR: Not built yet: event_trigger
  on = ddl_command_start
}
table "x" {
  schema = schema.app
  owner  = "me" # ERROR: Not built yet: owner
  grant { # ERROR: Not built yet: grant
  }
}
