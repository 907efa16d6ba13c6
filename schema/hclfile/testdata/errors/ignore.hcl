schema "app" {
}
ignore { # ERROR: Missing argument
}
ignore {
  objects = "x" # ERROR: Wrong type of value
}
