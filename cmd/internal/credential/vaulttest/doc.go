// Package vaulttest stands in for a Vault server in tests: logins by AppRole, Kubernetes and JWT, the database engine with roles that
// are really created and dropped in a PostgreSQL, leases, tokens, namespaces and refusals, as Vault's HTTP API documentation
// describes them (version 1 of the API; the answers hold only the fields that clients read).
//
// It imports nothing of this module; only tests import it. Entry point: [Start].
//
// Decision: a stand-in, because Vault's server is in no package registry that tests may rely on, and building it takes longer than
// all of them. What it cannot show is how a real server's policies, plugins and replication behave.
package vaulttest
