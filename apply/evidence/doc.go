// Package evidence tells whether anything still uses what a contract file takes away.
//
// It lets the server be the judge: every statement that pg_stat_statements counted in this database, on the primary and on each
// standby, is prepared on two throw-away databases, one as the live state is and one as the contract leaves it. What works on
// the first and not on the second uses the old shape. Beside that it reads what statistics do not show: views, policies and
// bodies of functions that stand on what goes, jobs of pg_cron, publications, and the writes that the trigger of the expand noted.
//
// Entry points: [Collect], then [Evidence.Judge]; [Count] for what the log keeps when an expand is complete. It imports apply for the verdict's
// shape, history, history/migration, inspect, inspect/shadow, schema, sqltext and pgx. It opens no connection to the target by
// itself and writes nothing.
//
// Invariants:
//
//  1. A verdict is never "safe" where something could not be read: each such thing is a sentence in [Evidence.Missing] that says
//     what and how to get it.
//  2. Without a beginning of the count that is known to be whole, nothing is safe. A beginning is either a row of the log of
//     kind evidence_counted, written when the expand was complete or when a person said so, or a reset of the statistics after the
//     expand. It is whole while no entry was evicted since (pg_stat_statements_info.dealloc, PostgreSQL 14) and none of the
//     entries that were counted then is gone or counts less, as after a crash, which loses the statistics and tells nobody.
//     A file that only takes away completes no expand; its window begins with any count or reset.
//  3. Of a statement that the shadow cannot prepare even before the contract, only one thing makes it harmless: that its text names
//     nothing of what goes. Otherwise it is unknown, and unknown is not safe.
//
// Decision: what goes is found by comparing the two databases, not by reading the file. It is the same for hand-written files,
// and renames into the trash are seen as what they are to those who use the old name.
//
// Decision: a column is mentioned where its name and the name of its table, or of anything built on that, both occur. A name that
// many tables have, such as id, would otherwise be found in every function. A trigger function is held to the column's name alone if
// its table is the column's, as it says NEW and OLD.
//
// Decision: SELECT * and RETURNING * that go on working with other columns are warnings and do not hold a file: they cannot be told from
// code that never looks at the column, and old code that does look at it names it somewhere else as well.
//
// Decision: a published column counts as used. A subscriber outside of what can be seen fails when a column of its table is
// renamed on the publisher, which is what a contract does first.
//
// Limits, which no reading can close: what a standby served before it was listed here, statements of other databases that come through
// foreign tables are counted as this database's own but their owners are not named, and a job that runs more rarely than
// the window.
package evidence
