schema "app" {
}
enum "empty" {
  schema = schema.app
  values = [] # ERROR: Empty enum
}
enum "twice" {
  schema = schema.app
  values = ["a", "b", "a"] # ERROR: Duplicate value
}
enum "long" {
  schema = schema.app
  values = ["aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgggg"] # ERROR: Name too long
}
enum "string" {
  schema = schema.app
  values = "a" # ERROR: Wrong type of value
}
