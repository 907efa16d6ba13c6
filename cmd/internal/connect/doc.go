// Package connect turns what libpq's users know (URLs, key=value strings, PG* variables, service files, password
// files) into a PostgreSQL connection whose session is set up for reading and changing schemas.
//
// It owns credentials, session set-up and the words in which a failed connection is explained. It may import pgx, apply/pooler, history
// (what keeps other tools from recording what a session does) and schema/hclfile/eval (for "did you mean"); packages below cmd take a *pgx.Conn and never import this one.
//
// Entry points: [Resolve] finds where to connect by the command line's precedence, [Parse] reads one string,
// [Target.Connect] connects; [Target.Current] is what it connects with, for other programs.
//
// Invariants:
//   - Every key of libpq does what libpq does with it, or is refused by name before anything is sent. The driver would
//     send the keys that it does not know to the server as settings, which kills the connection (pgx v5.12).
//   - The password and the URL as given are in no error, log line, JSON or %+v. The driver gets the password beside its
//     connection string, so that conn.Config().ConnString() has none either.
//   - Settings are made by set_config after connecting and read back: poolers refuse `options` and `search_path` in the
//     startup packet, and a transaction pooler would lose them silently.
//   - No statement cache: a cached plan breaks after DDL and behind poolers.
//
// Decisions:
//   - Own parser in front of the driver, which then gets every key explicitly. Rejected: parse with the driver and
//     repair; by then the keys' origin is lost and errors quote their input.
//   - Keys that frameworks add to their URLs (schema=, pgbouncer=, …) are dropped with a note. Rejected: an error, since
//     DATABASE_URL is usually written for the application.
//   - QueryExecModeDescribeExec. Rejected: Exec, which cannot bind arguments whose type only the server knows. Outside
//     a transaction DescribeExec needs a connection that is not pooled by transaction; the read-back finds out.
//   - Credentials are asked for each connection, never once for all: tokens of clouds are good for some minutes, and a role that
//     Vault made is dropped when its lease ends. A login that the server refuses is asked for once more.
//   - A role that was made for a short time may not write unless another role is set. Rejected: ALTER … OWNER afterwards, which
//     forgets what was created by a run that was killed.
//   - A password file that gives the hosts of a list different passwords is refused: the driver holds one password.
package connect
