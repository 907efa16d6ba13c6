// Package credential gets the login of a database from where it is kept: files that something else rotates, a command that prints
// it, or HashiCorp Vault's (and OpenBao's) database engine.
//
// It owns what is asked, how often, and what is given back at the end. It imports connect (for [connect.Login] and
// [connect.Secret]) and Vault's client library, and knows neither HCL nor the command line. Entry point: [New], which gives
// a [Source]; connect asks it before each connection.
//
// Invariants:
//   - Every secret is handed to [Options.Hide] before anything else is done with it, so that no output made later can hold it.
//   - No error holds an answer of Vault, an argument of a command, or anything of a command's standard output. What a command wrote to
//     standard error is shown when it fails, with secrets masked by value and by form.
//   - Nothing is run or asked before the first connection: reading a project file executes nothing.
//   - What was got from Vault is given back by [Source.Close]: leases are revoked, and so is a token that a login of ours made.
//
// Decisions:
//   - A command instead of the libraries of each cloud: it serves them all and links in none of them.
//   - Vault's own client library, although four requests would be enough: it knows the environment variables, agents, namespaces,
//     TLS and retries that people's installations rely on.
//   - A lease is renewed in the background from the beginning, not shortly before its end: the first answer tells at once
//     whether it can be renewed at all.
package credential
