package pgtest

import "testing"

// Lie makes a database say yes to every wish for an advisory lock, as engines do that speak PostgreSQL's protocol and only pretend
// to know such locks.
func Lie(t testing.TB, database string) {
	t.Helper()
	Exec(t, database, `ALTER FUNCTION pg_catalog.pg_try_advisory_lock(bigint) RENAME TO honest_try_advisory_lock;
		CREATE FUNCTION pg_catalog.pg_try_advisory_lock(bigint) RETURNS boolean LANGUAGE sql AS 'SELECT true'`)
}
