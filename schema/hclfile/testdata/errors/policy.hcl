schema "app" {
}
table "users" {
  schema = schema.app
  column "id" {
    type = bigint
  }
  column "name" {
    type = text
  }
  primary_key {
    columns = [column.id]
  }
  policy "a" {
    for   = SELEC # ERROR: Unknown word
    as    = STRICT # ERROR: Unknown word
    to    = [PUBLICK] # ERROR: Unknown word
    using = "true"
  }
  policy "b" {
    for   = INSERT
    using = "true" # ERROR: Contradicting arguments
  }
  policy "c" {
    for   = SELECT
    check = "true" # ERROR: Contradicting arguments
  }
}
