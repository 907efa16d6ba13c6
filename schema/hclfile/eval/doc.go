// Package eval gives HCL files their variables, locals and functions.
//
// It is used for two kinds of file that look alike to the person who writes them: schema files (package hclfile) and
// the project file pleat.hcl (package cmd/internal/config). It knows nothing of either: it takes `variable` and
// `locals` blocks out of bodies and gives back an evaluation context.
//
// May import: the standard library, hcl and cty. Nothing of this module, so that both sides can use it.
//
// Entry point:
//
//	scope := eval.NewScope(eval.Options{Dir: dir, Getenv: os.Getenv, Vars: vars})
//	rest, diags := scope.Add(file.Body) // once for each file; rest holds what is neither variable nor locals
//	ctx, more := scope.Resolve()        // var, local and the functions
//
// Invariants:
//   - Nothing is evaluated twice and nothing depends on the order of files or blocks.
//   - Nothing unknown is ignored: an input for a variable that nobody declared is an error (see [Options.Undeclared]).
//   - Two runs over the same files and inputs give the same values: no function reads the clock or a random source.
//   - The text of a sensitive value is in no diagnostic, and [Scope.Secrets] lists it, so that a sink can mask it.
//
// Decisions:
//   - Functions of schema files cannot read the environment nor a file outside the project ([Functions]); those of the
//     project file can ([ProjectFunctions]). Rejected: one table for both. A pull request can change a schema file, and
//     a comment that holds /proc/self/environ would be printed by the next plan.
//   - Sensitive values are tracked with cty marks inside and handed out unmarked unless [Options.KeepMarks] is set.
//     Rejected: always marked. Decoding a marked value into a Go value panics, and most callers decode.
//   - `type = int` is accepted for number: existing schema files use it.
package eval
