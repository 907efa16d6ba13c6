schema "app" {
}
table { # ERROR: Wrong number of labels
}
table "a" "b" "c" { # ERROR: Wrong number of labels
}
