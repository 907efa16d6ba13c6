// Package rows fills a throw-away copy of a database: with rows that are made to fit every constraint, or with a sample of the
// rows of another database.
//
// Entry points: [Fill] and [Sample]. It owns the guessing of values and the order in which tables are filled. It imports schema,
// schema/sqltext and pgx, and it never knows what the rows are for.
//
// Invariants:
//
//   - The server is the judge: what is inserted has passed the table's own checks, keys and bounds, evaluated by the engine.
//     Foreign keys, which rest while rows are made, are verified afterwards, and rows that fail are removed.
//   - What could not be filled is reported by name and reason. A table is never silently empty.
//   - The same structure and seed give the same rows.
//   - Rows of a sample pass through memory in pieces. They are neither logged nor written to disk here.
//
// Decision: the structure is read from the copy's own catalogs rather than from a schema.Catalog, since what a partition inherits, and
// the bounds of types, are no objects of their own there.
//
// Decision: values are guessed and tried in bulk rather than derived. A solver for the expressions that people write in checks would
// be large and still be wrong; constants of the expression, their neighbours and the type's own values, filtered by the
// engine, find rows for nearly all of them, and what is left is named.
//
// Decision: equal row numbers make equal values of a type in every table. A foreign key or a unique key that a migration is about to
// add then holds on made rows unless the structure itself speaks against it.
package rows
