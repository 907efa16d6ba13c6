schema "app" {
}
function "a" { # ERROR: Missing argument
  schema = schema.app
  lang   = SQL
  as     = "SELECT 1"
}
function "b" { # ERROR: Contradicting arguments
  schema     = schema.app
  lang       = SQL
  return     = integer
  return_set = integer
  as         = "SELECT 1"
}
function "c" {
  schema     = schema.app
  lang       = SQL
  return     = integer
  volatility = IMUTABLE # ERROR: Unknown word
  parallel   = YES # ERROR: Unknown word
  security   = DEFINE # ERROR: Unknown word
  cost       = -1 # ERROR: Number out of range
  as         = "SELECT 1"
}
function "d" {
  schema = schema.app
  lang   = SQL
  as     = "SELECT 1"
  return_table { # ERROR: Missing columns
  }
  arg "x" { # ERROR: Missing argument
    mode = INN # ERROR: Unknown word
  }
}
