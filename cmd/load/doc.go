// Command load applies each recipe of an online change with the built pleat while clients read and write, and counts what they
// notice. It is a developer's tool (make load); a shortened form is the package's test.
//
//	go run ./cmd/load -rows 1000000 -run not_null
//	go run ./cmd/load -matrix -majors 13,14,15,16,17,18
//
// # What is run
//
// A scenario (testdata/*.txtar) has the state before and after as HCL, rows, and the statements of the code that was written
// for either state. Its journey, in a database of its own:
//
//	quiet      the old code alone: what a statement takes by itself
//	expand     pleat plan, pleat apply; the old code goes on
//	both       the new code starts beside the old
//	contract   the old code has ended; pleat apply
//	settled    the new code alone: what its statements take by themselves
//	restore    pleat rollback of the contract; the new code goes on
//	both-again the old code is back
//	retract    the new code has ended; pleat rollback of the expand
//	re-expand, re-contract, after
//
// Then every row must be right (the queries of truth.sql return nothing), the next plan must be empty, and the
// catalogs must be those of a database that was built from new.hcl at once. With -matrix there is no load:
// every statement is sent once where a code begins, and the journey is a proof that the recipe works there and back on a version.
//
// # How to read the report
//
// A statement that fails is a failure, whatever SQLSTATE it has. One exception has a column of its own: a prepared statement
// whose result type changes by the very intent of the recipe ("cached plan must not change result type") is prepared again,
// as drivers do, where the scenario says so and why. "excess" is the longest time of a statement over its own longest
// time in the quiet; "lock wait" is the longest wait for a lock that pleat was asked for or held, as sampled;
// one over -budget is marked and said in full, and left to a person to judge, who knows what else the machine was doing.
//
// # A scenario file
//
// The comment says why the case is there. "scenario" has lines of the form key: value (recipe, title, majors, back,
// replan, refused).
// old.hcl, new.hcl; seed.sql, in which :rows stands for the number of rows; old.sql, new.sql and after.sql, the statements of
// the old code, of the new code, and of new code that needs the end state; truth.sql; pleat.hcl; expand.sql and contract.sql
// where the files are written by hand; fresh.hcl where new.hcl holds words that only make sense on the old state, fresh.sql for
// what the language has no words for, such as grants. Before each
// statement of a client stands a line:
//
//	-- read|write WEIGHT simple|prepared [ARGUMENT…]
//
// whose arguments are row (a number of a seeded row), fresh (a number that was never used), int(A,B), text, or bool.
//
// # Boundaries
//
// It imports package server for throw-away servers, package inspect to compare end states, sqltext to cut scripts, and
// pgx. It knows pleat by its command line only, as a user does.
//
// Decision: clients of our own rather than pgbench: it keeps no prepared statement over a change, ends a client at the first
// error, and does not say which lock a statement waited for.
//
// Decision: a closed loop with pauses rather than a fixed rate: the question is what one statement waits for, and a
// machine that is saturated by its clients would answer another one.
package main
