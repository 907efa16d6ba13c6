// Package inspect reads a live PostgreSQL database into a [schema.Catalog].
//
// It owns everything that knows pg_catalog: one Go file and one embedded query a kind, under the
// name that the kind has in every package. It imports schema, schema/sqltext and pgx. Entry points: [Inspect] for a
// connection, [InspectTx] inside a transaction that the caller holds, and [Settings], under which any
// other session must read and print expressions to get the same text.
//
// Invariants:
//
//  1. Only pg_catalog is read, never information_schema, which shows each role its own extract. A role
//     without any right gets the same catalog as a superuser.
//  2. One set-based query a kind, whatever the number of objects; all of them travel in one batch.
//  3. Nothing is skipped in silence: what the model does not hold is a [schema.Unmanaged], be it an object
//     or a single attribute, whose What then begins with "attribute".
//  4. Texts are printed by the server with every name outside pg_catalog qualified, then made stable: the server
//     prints the same when it reads them back.
//  5. Members of extensions, temporary objects and pleat's own schema are never in the result.
//
// What lies outside the schemas asked for, or is ignored, is left out too, except where it depends on something
// inside or something inside depends on it: then it is listed as a [schema.Unmanaged] with its edges, and an extension as itself.
//
// Attributes that are unmanaged have no edges: they disappear with what they describe.
//
// Decision: names of servers' columns that older versions lack are written in the queries as they are, with the
// substitute in a comment (see forVersion). Rejected: reading rows as JSON, which is valid on all versions but
// several times slower on pg_attribute.
//
// Decision: deparsing functions look at the newest catalogs, not at the transaction's snapshot, so a
// transaction alone is not consistent. [Inspect] compares a digest of the catalogs from before with one from after and reads
// again if something changed in between. Rejected: locking the relations as pg_dump does, which needs rights
// that a reader may not have and blocks migrations.
package inspect
