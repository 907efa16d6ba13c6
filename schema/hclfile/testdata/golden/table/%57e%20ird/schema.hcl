schema "We ird" {
}

enum "We ird" "mood" {
  schema = schema["We ird"]
  values = ["x"]
}
