// Package schema is the model: what a PostgreSQL database looks like, as plain values.
//
// It owns the identity of objects ([ID]), one struct per kind of object, the [Catalog] that
// holds one state of a database, and the only code that quotes names and literals. It imports
// the standard library and nothing else, and knows neither HCL nor a driver.
//
// Invariants, which everything else relies on:
//
//  1. Whatever PostgreSQL creates, drops or depends on by itself is an object of its own:
//     indexes, each kind of constraint, column defaults, triggers, policies, comments, owners and grants.
//     Columns are an ordered slice of their table, but have IDs, so that a dependency can name one.
//  2. Objects hold no pointers to other objects and no source positions: two objects are equal
//     exactly when reflect.DeepEqual says so, so a new field takes part in every comparison from the
//     day it is added. Slices that are empty are nil.
//  3. Text of types and expressions is the engine's own (format_type, pg_get_expr and their like
//     with search_path = pg_catalog), so that every name outside pg_catalog is qualified. Text that comes
//     from a user's file is of this form only after elaboration on a shadow server.
//  4. An object's ID is computed from its fields; there is no second copy that could disagree.
//
// Decision: column defaults are objects because pg_attrdef rows have dependencies of their own.
// As fields of a column they would tie "table uses function" and "function uses table" into a
// cycle that only a repair pass could untie.
//
// Decision: owners and grants are objects although HCL cannot declare them yet. A view that has
// to be replaced then gets them back by the same mechanism that restores its comments and triggers.
package schema
