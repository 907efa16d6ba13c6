# The database comes from PLEAT_URL, which the manifests take from a Secret.
env "prod" {
  # No throw-away server is in the image, so that nobody can tell what still uses an old shape: contract files are released by hand,
  # with pleat apply --override-evidence, or from where there is one.
  lock_timeout = "3s"
}

env "tenants" {
  migrations = "tenant/migrations"
  schema     = "tenant/schema"

  targets {
    query    = "SELECT name, name AS schema FROM registry.tenants"
    template = "tenant"
  }

  rollout {
    canary       = 1
    parallel     = 4
    max_failures = "2%"
  }
}
