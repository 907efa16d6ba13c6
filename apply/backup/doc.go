// Package backup makes a failed or regretted run cheap: before the run's first step it copies what the run will overwrite, and it
// puts it back on request.
//
// It owns what is taken ([Taker]), the files of a backup ([Store], [Manifest]), the copies in the database (schema pleat_backup) and the
// way back ([Restorer]). It imports apply, history, history/migration, schema, schema/sqltext, inspect/shadow/server (which knows where
// PostgreSQL's programs are) and pgx; connections come from the caller, and it prints nothing. Entry points: [Taker.Prepare] is an
// [apply.Preparation], [Restorer.Plan] and [Plan.Run] lead back.
//
// Invariants:
//
//  1. A backup that cannot be taken whole, or read back in full, is an error, and the run that asked for it changes nothing.
//  2. All of a backup's data is of one snapshot: the copies and both dumps see the same rows.
//  3. What is not covered is said by name, in the manifest and to the observer; nothing is left out silently.
//  4. No file of a backup can be read by anybody else, none replaces another, and a directory is a backup only under its final name,
//     which it gets when everything in it was read back.
//  5. No password is in an argument, a manifest, the log or an error; programs get it in a file that lives as long as they run.
//  6. Nothing is written over a live row that changed since without being asked for.
//
// Decision: the copies of rows are tables in the database itself. They need no program, no disk of ours and no transfer, and they are there for
// whoever runs the next command, from whatever machine. The rejected way, COPY into local files, vanishes with a pipeline's container.
//
// Decision: columns of types that are not PostgreSQL's own are copied as text. A copy in their own type would depend on the type, and stop
// the very migration that drops it.
//
// Decision: an archive's content is proven by reading the data of each table out of it and counting the rows against the snapshot. A list of
// contents passes on a file that was cut in half (pg_restore --list reads the head only, PostgreSQL 15).
//
// Decision: archives are in the custom format. Plain dumps hold psql's commands (\restrict, since PostgreSQL 17.6, 16.10, 15.14, 14.19, 13.22).
package backup
