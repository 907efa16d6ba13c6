table "measure" {
  schema = schema.app
  column "city" {
    type    = integer
    null    = false
    default = 1
  }
  column "logdate" {
    type = date
    null = false
  }
  column "peak" {
    type    = integer
    null    = true
    default = 7
  }
  column "note" {
    type = text
    null = true
  }
  index "measure_city_idx" {
    columns = [column.city]
  }
  partition {
    type = RANGE
    by {
      column = column.logdate
    }
    by {
      expr = "city + 1"
    }
  }
}

partition "measure_2024" {
  schema = schema.app
  of     = table.measure
  range {
    from = ["2024-01-01", MINVALUE]
    to   = ["2025-01-01", MAXVALUE]
  }
  index "measure_2024_city_idx" {
    columns = [column.city]
  }
}

partition "measure_2025" {
  schema = schema.app
  of     = table.measure
  range {
    from = ["2025-02-01", 0]
    to   = ["2026-01-01", -5]
  }
  column "peak" {
    default = 9
  }
  column "note" {
    null = false
  }
  unique "pk" {
    columns = [column.logdate, column.city]
  }
  index "measure_2025_city_idx" {
    columns = [column.city]
  }
  partition {
    type    = HASH
    columns = [column.city]
  }
}

partition "measure_2025_0" {
  schema = schema.app
  of     = partition.measure_2025
  hash {
    modulus   = 2
    remainder = 0
  }
  unique "measure_2025_0_logdate_city_key" {
    columns = [column.logdate, column.city]
  }
  index "measure_2025_0_city_idx" {
    columns = [column.city]
  }
}

partition "measure_rest" {
  schema  = schema.app
  of      = table.measure
  default = true
  column "peak" {
    default = null
  }
  index "measure_rest_city_idx" {
    columns = [column.city]
  }
}
