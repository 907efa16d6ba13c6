schema "app" {
}
table "x" { # ERROR: Missing argument
}
enum "e" { # ERROR: Missing argument
  values = ["a"]
}
