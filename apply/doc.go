// Package apply runs migrations: forward ([Run]), back ([Rollback]), back and forward again ([Redo]), and looks
// whether history, files and database still agree ([Verify], [Drift]).
//
// One applier serves generated and hand-written files. It owns the session, the lock, the gates, the preflight, the
// execution of steps and their verification. It imports history, history/migration, schema, sqltext and pgx; it opens no
// connection by itself and prints nothing: connections come from [Options].Connect, progress goes to an [Observer].
//
// Invariants:
//
//  1. Nothing runs before everything that can be known has been checked: the lock, the chain, the checksums, the
//     order, the gates, the scope fingerprints that no earlier pending file changes, and the preflight checks. A run that
//     is refused there writes nothing, not even the schema pleat; only a lease must have its table first.
//
//  2. In a transactional step the log's row commits with the step. Around a statement that cannot run in a
//     transaction there is a row before and a row after; one without the other is in doubt, and is settled by what
//     the catalogs say, or refused.
//
//  3. The advisory lock lives in the session that runs the steps. If the session dies, so do its transaction and its
//     lock, in this order, and nobody else can begin while the server still works for us. The row in pleat.lock is its label, and
//     the lock itself only where advisory locks lie.
//
//  4. Waiting for the advisory lock never happens inside a statement: a waiter's snapshot would stop
//     CREATE INDEX CONCURRENTLY of the holder for ever.
//
//  5. A lock that a step needs is waited for in short attempts. There is no last attempt without a limit: a DDL
//     statement that waits makes everyone wait behind it.
//
//  6. A batch of a step in batches commits together with the cursor behind it in pleat.backfill, so wherever a run ends, the next
//     one goes on at the row after the last one that is done. No row is done twice and none is left, as far as the next paragraphs say.
//
//  7. Every transaction that writes to the log, so every step, and every batch makes sure before it commits that the run's lock is
//     still held and that its token is the newest; see [session.guard]. The row of the lock stays locked until it has committed.
//
//  8. A run that is asked to stop writes down that it did, with the connection that it has: the caller's context ends waiting and what is
//     still to begin, never a statement ([Options].Grace says when a statement is cancelled, and when the connection goes).
//
//  9. What became of a step whose connection broke is read, never guessed: in the log, where its row committed with it or not; in the
//     catalogs, for statements outside of transactions; from a person ([Resolve]), where neither tells. A new connection goes on only
//     once it holds the run's lock, which the lost one keeps while it still works for us, and only where no other run began meanwhile.
//
// 10. What another tool applied before pleat ([history.Imported]) runs neither forward nor back. Its files are only compared: an edit
// stops a run, as it would for a file of pleat's own, and one that is gone is a warning.
//
// What holds for steps in batches with a key: rows are done once if their key stays what it is; a row that somebody gives
// another key meanwhile may change sides of the cursor. The bound is the highest key when the step began. Rows that come later, above or
// below it, are for a trigger; below it the batches come by them too, so that a statement which is not to change them must say so.
//
// What holds without a key, by pages: a changed row moves, often to a page that is still to come. The step notes where (tuple
// identifier and transaction) and leaves those rows out, which is exact while nobody else writes. Rows that others change meanwhile move too:
// they can move behind the cursor, or a done one before it. A statement whose WHERE leaves out what is done is therefore gone through
// again until a pass changes nothing; for any other there is a warning. A rewrite of the table (VACUUM FULL) makes pages
// meaningless: the former begins anew, the latter is refused.
//
// Decision: a range of keys is added to the statement through its parse tree, not by running it over a list of keys: the
// statement in the file stays one that psql can run as it is. The operators are those of the key's index, named with their schema.
//
// Decision: the rows of a batch are locked in the order of the key before they are changed. It costs a lock per row, which the statement
// would have taken anyway for those that it changes, and two that change many rows in different orders do not deadlock.
//
// Decision: the check of the lock hangs in history.Log.Append, not in each kind of step: what passes there cannot be forgotten by
// whoever writes the next kind.
//
// Decision: a pooler by transaction is refused, not served with a lease. Settings, prepared statements, temporary tables and
// statements outside of a transaction all need one session of the server; a run that has it only at times is right only at times.
//
// Decision: a file that was planned beside a pending contract carries the scope of both orders. The rejected way, to hold
// everything behind a contract, would stop all work on a table for as long as anything uses its old shape.
//
// Decision: steps of generated files run with an empty search_path and check_function_bodies = off, because every
// name in them is qualified and none must be captured by a schema that somebody else can write to. Steps of hand-written
// files run with the search_path that the role has in this database, because their authors tried them in psql.
//
// Decision: the scope of a generated migration is verified after its last step committed and before "applied" is recorded, not
// inside the step's transaction. Inspecting a large schema takes seconds, and the step's locks would be held for all of them.
//
// Decision: a step does not begin with LOCK TABLE. What its statements lock is locked by themselves, under a lock_timeout, which bounds waiting
// alone: work that is legal and long has no limit. LOCK TABLE would need privileges that ALTER does not (an owner can revoke them from itself), take the
// partitions with it unless it says ONLY, and know neither indexes nor types nor schemas; and a wait for the second of two tables keeps the
// first either way. An attempt that fails lets go of everything instead.
//
// Decision: how many wait behind us is counted with pg_blocking_pids of those that wait for something that we hold or ask for. It knows the order of
// the queue and which modes exclude each other, on all versions; comparing pg_locks.waitstart (14 and later) with ours knows neither.
//
// Decision: the watcher works under the role that logged in, not under the one that the steps take: the server lets a session be seen and
// cancelled by members of its login role. It cancels by process, start of the connection and start of the transaction, so that behind a
// pooler nobody else's statement is hit.
//
// Decision: whether an index under the name is the one that a statement means is for the server to say, which makes it on an empty temporary
// table. Comparing texts would have to know how PostgreSQL prints expressions.
//
// Decision: how to tell whether a statement outside of a transaction ran is a table of facts in the catalogs (probe.go), read from the
// statement by sqltext. It takes effect as a whole, so that all of its facts hold afterwards; where all did before, it is sent again and
// the server decides. The rejected way, to note the ID of its transaction and ask for its status, is not to be had: such a
// statement begins transactions of its own.
//
// Decision: undoing on failure is a run of its own. The rejected way, within the failed run, left a log whose run had failed and gone on,
// and a rollback that nobody could find under its name.
//
// Decision: a snapshot is the whole catalog as it is after the run. Drift that was there before would vanish with it,
// so it is compared with the snapshot first, and what differs is recorded as an event and reported.
package apply
