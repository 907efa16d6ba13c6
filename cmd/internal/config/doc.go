// Package config reads pleat.hcl, the project file: environments, their defaults, variables and locals.
//
//	variable "password" { sensitive = true }
//	schema     = "schema"
//	migrations = "migrations"
//	env "prod" {
//	  url      = urluserinfo("postgres://db.example.org/app", "migrator", var.password)
//	  contract = "gated"
//	}
//
// It owns the names and the meaning of everything in that file. It may import hcl, cty, schema/hclfile/eval,
// cmd/internal/connect (for Secret), cmd/internal/credential (for what a credentials block says), planner and planner/lint (for the words of lint blocks). Entry points: [Load], then
// [Config.Environment] and [Config.Lint].
//
// Invariants:
//   - Nothing unknown is ignored: a name that nobody knows is an error with "did you mean", a name that belongs to
//     later work is an error that says so, and a name of Atlas' project file is an error with the name here.
//   - The file's structure is checked whole, but values only of the environment that is asked for: a laptop need not
//     have production's secret files.
//   - Paths are relative to the file, not to the working directory.
//   - URLs and sensitive values are in no diagnostic; [Config.Secrets] lists them for masking.
//
// Decisions:
//   - Without a name, [Config.Environment] gives the attributes at the top of the file. Rejected: the only environment,
//     or the first; adding a second one would silently change what a command does.
//   - An input (--var) that this file does not declare is not refused here, since schema files may declare it; whoever
//     loads them refuses (see [Config.SchemaInputs]), and a command without schema files asks [Config.RefuseUndeclared].
package config
