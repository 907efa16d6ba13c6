// Package pgtest gives tests a real PostgreSQL: fresh databases on a throw-away server, scripts run in them, and dumps of
// them.
//
// Entry point: [URL]. One server is started for each test binary when it is first needed and dies with the process, so
// that no TestMain is needed. It imports package server and pgx; only tests import it.
//
// The environment selects the server: PLEAT_TEST_POSTGRES_URL uses a given one, PLEAT_TEST_MAJOR a major version.
// Where none can be had a test is skipped with the reason, or, where CI is set, fails: a green run that tested
// nothing is worse than a red one.
//
// Decision: a new database for each test, copied from template0 in some milliseconds, rather than one database
// that tests clean: no test can see what another left, and all run in parallel.
package pgtest
