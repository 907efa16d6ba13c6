// Package history is the log in the target database: what ran, when, by whom, and proof that nobody rewrote it.
//
// It owns the PostgreSQL schema pleat with its tables log, file, snapshot, backfill and legacy_write and its view state. It imports
// pgx, schema, schema/sqltext (for the passwords in a text) and history/migration, and knows nothing of how migrations run. Entry points: [Open], then
// [Log.Create], [Log.Append] (many at once: [Log.AppendAll]), [Log.State], [Log.Verify].
//
// Invariants:
//
//  1. Rows are only ever added. A trigger refuses UPDATE, DELETE and TRUNCATE even under session_replication_role =
//     replica, and each row's digest covers the whole row and the digest of the row before it.
//  2. There is no second truth: what is applied, failed or in doubt is computed from the log ([Log.State]); the view
//     pleat.state shows the same to people with psql.
//  3. Readers never create anything. With the schema absent, they report an empty history.
//  4. IDs count from 1 without gaps. They are assigned under a lock on the table, not by a sequence, because
//     a rolled back transaction would tear a gap that looks like a deleted row.
//
// Decision: the cursor of a step in batches (pleat.backfill) is no event. It changes with every batch, and the log would grow by a row for each;
// the log has the step's beginning and end, the latter with how many rows it changed.
//
// Decision: where schemas of a database are targets of their own, each has the same tables in a schema of its own ([HomeOf]), which a
// connection is told ([Settle]); statements here name the schema as pleat, and every one goes through [session.in]. Rejected: one log for all with a
// column for the target, whose chain each run over one of thousands would have to walk, and whose lock would keep the others waiting.
//
// Decision: the digest is computed here and not by a function in the database. Whoever can change the log's rows could
// change such a function as well, and PostgreSQL has no text form of jsonb that is fixed across versions.
//
// Decision: a column that is null takes no part in the digest. A later pleat can add a column
// without breaking the chain of the rows that do not have it.
//
// Decision: an import writes each entry of another tool's history as a row of its own, also those that are not in effect, and a summary at
// the end that carries the snapshot. Rejected: one row with everything (what was imported would be no migration to any command), and a
// baseline beside it (two answers to what counts as present).
//
// Decision: an import is taken back by one more row, [ImportUndone], after which nothing before it counts.
//
// Decision: texts of files are bytea. A database in LATIN1 could not hold every UTF-8 file as text, and the
// bytes are what the checksum covers.
//
// Decision: a kept text has ******** for passwords, and the log has the digest of that copy ([FileMasked]). Rejected: the text as it is, as the
// log has other readers than the files; and none at all, as then no way back could run without the files.
//
// Decision: pleat.note_write, which triggers of an expand call for every row that old code writes, is divided. The half that runs
// for each row has the caller's rights and compares a setting of the session, which a rolled back transaction forgets; the half
// that writes is SECURITY DEFINER with a pinned search_path and runs once for a session and day, in a subtransaction, so that none
// of its failures reaches the writer; it is tried again in the next transaction. It never waits for another writer: there is
// no unique key, whose conflicts wait for the other transaction's end, so two sessions that begin at once may each leave a row.
// Under serializable isolation it does not read either, as a read could make the writer's commit fail.
//
// Decision: what an older pleat's history lacks is added in place ([Log.Upgrade]) and does not raise [Format]: it is beside the
// log, and an older pleat goes on without it.
//
// Decision: a table of another tool is frozen ([Log.Freeze]) by triggers for statements on it and on its partitions, which fire for every role. Rejected:
// taking rights away, as the tool's role is nearly always the owner, whose rights are its own to give; and a lock or a renamed table, which fail
// with a message that names nobody.
//
// Limit: rows removed from the end of the log leave a chain that is whole. [Log.Verify] finds such a loss only where a file or
// a snapshot is left that no row names; a digest noted elsewhere is the only complete witness.
package history
