schemaa = "schema" # ERROR: Unsupported argument
envs "dev" { # ERROR: Unsupported block type
}
lint {
  destructive = "error" # ERROR: Unsupported argument
}
policy "s3" { # ERROR: Not built yet
}
data "sql" "tenants" { # ERROR: Unsupported block type
}
env "dev" {
  ulr = "x" # ERROR: Unsupported argument
  src = "file://schema.hcl" # ERROR: Unsupported argument
  for_each = ["a"] # ERROR: Not built yet
  migration { # ERROR: Unsupported block type
    dir = "x"
  }
  manage_roles { # ERROR: Not built yet
  }
  anything { # ERROR: Unsupported block type
  }
}
env "dev" { # ERROR: Duplicate environment
}
env { # ERROR: Missing name for env
}
