// Command faults disturbs the built pleat in every way that happens to programs, at every place where it can happen, and looks whether the
// next run makes it good. It is a developer's tool (make test-faults); a shortened form is the package's test.
//
//	go run ./cmd/faults -seed 7
//	go run ./cmd/faults -run '^c' -faults kill
//	go run ./cmd/faults -seed 7 -only 'c01_create_index cut-answer apply#1 74'
//
// # What is tried
//
// A case (testdata/*.txtar, and the recipes of cmd/load, which are planned by pleat itself) is a database and the migrations that are
// pending on it. It runs once undisturbed, through a proxy that writes down every request of every session; what the database is then
// is what it must always be in the end. A point is a fault at a request. For each point the database is made anew, pleat apply runs
// through the proxy, and the fault strikes when its request comes by. Then:
//
//   - pleat apply, run again and let alone, ends with 0. Where no catalog can tell whether a statement ran, it may refuse with the reason
//     in_doubt first; the rows are looked at, as a person would, and pleat resolve is told. Such points are counted.
//   - the catalogs and the rows of all tables are those of the undisturbed run, read by queries of this program, not of pleat
//   - the log has one end of each step and each file; pleat verify and pleat drift end with 0
//   - no lock, no session and no prepared transaction is left
//
// # Which points there are
//
// The statements of the files and every COMMIT have all faults. What pleat does for itself comes in stretches between these, and in each
// stretch the faults that are tried everywhere strike at one request, drawn by the seed; -every tries all at all. A kill after an answer is
// the kill before the next request, since nobody can see what pleat does between the two.
//
// # Files of a case
//
// "case" has lines of the form key: value: kind, which is for the reader, majors, the first version of PostgreSQL that it is for, applied,
// the last version of a migration that has run before, lock, which is lease where the server's advisory locks lie,
// and command, which is rollback where all migrations have run and are taken back. seed.sql makes the database; files named like migrations are the migrations; pleat.hcl is the project file; resolve.sql gives one truth value: whether the
// statement that cannot be told about took effect. A comment says why the case is there.
//
// # Boundaries
//
// It knows pleat by its command line only, as a user does, and no package that has to do with applying. It imports package server to find
// server binaries, and pgx.
//
// Decision: a proxy of our own rather than one that cuts by time or bytes: it understands where a request and its answer end, so that the
// points can be counted, and the same point can be made again.
//
// Decision: servers of our own rather than those of package server, as they are stopped without warning and started again on
// the same data; one for each worker, since that happens to everybody on a server.
package main
