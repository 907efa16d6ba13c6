schema "app" {
}
table "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgggg" { # ERROR: Name too long
  schema = schema.app
}
table "" { # ERROR: Missing name
  schema = schema.app
}
table "ok" {
  schema = schema.app
  column "ääääääääääääääääääääääääääääääää" { # ERROR: Name too long
    type = int
  }
  check "" { # ERROR: Missing name
    expr = "true"
  }
}
