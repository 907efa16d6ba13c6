lint {
  fail_on       = "errors" # ERROR: Invalid value
  additive_only = "maybe" # ERROR: Invalid value
  max_lock      = "ACCESS EXCLUSIV" # ERROR: Invalid value
  max_lock_time = "soon" # ERROR: Invalid value
  forbid        = ["TB99"] # ERROR: Invalid value
  severity = { KX10 = "loud" } # ERROR: Invalid value
  max_locks = "SHARE" # ERROR: Unsupported argument
  naming "column" {
    match = "(" # ERROR: Invalid value
  }
  naming "index" {
    match = "x"
  }
  naming "index" { # ERROR: Duplicate block
    match = "x"
  }
  naming "indices" { # ERROR: Unknown kind
    match = "x"
  }
  naming "table" { # ERROR: Missing required argument
    pattern = "x" # ERROR: Unsupported argument
  }
  naming "view" {
    match = "" # ERROR: Invalid value
  }
}
lint { # ERROR: Duplicate block
}
env "prod" {
  lint {
    severity = { XX01 = "note" } # ERROR: Invalid value
  }
}
