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
  column "a" { type = varchar(0) } # ERROR: Number out of range
  column "b" { type = varchar("x") } # ERROR: Number out of range
  column "c" { type = timestamp(7) } # ERROR: Number out of range
  column "d" { type = numeric(1001, 2) } # ERROR: Number out of range
  column "e" { type = integer(4) } # ERROR: Wrong type of value
  column "f" { type = varchar(1, 2) } # ERROR: Wrong type of value
  column "g" { type = float(54) } # ERROR: Number out of range
  column "h" { type = 5 }
}
