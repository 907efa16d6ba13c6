// Package sqltext holds all that must understand SQL text: cutting a script
// into statements, telling what a statement is and what it touches, naming what
// a text depends on, and keeping text that PostgreSQL printed stable.
//
// Entry points: [Split], [Classify], [Facts], [Touched], [References] (and its
// variants for expressions, queries and function bodies), [Stable], [Position], [ReadBatch], [Secrets].
//
// It imports nothing of this module, and it is the only importer of pg_query
// (the grammar of PostgreSQL 16, cgo).
//
// # Invariants
//
//   - User SQL is never rewritten, with two exceptions, both of which read back what they wrote and refuse
//     where the two trees differ: [Batch.Restrict] adds a condition to a statement through its parse tree, and
//     [RenameSchema] puts another schema in the place of one, and refuses any use of the name that may be no schema's.
//     [Stable] changes text by insertion only, and is meant for text that PostgreSQL itself printed.
//   - Nothing here fails on syntax newer than the grammar: the answer then says
//     that it is incomplete (Parsed, Bounded, Complete).
//   - No text makes a function here panic.
//
// # Decisions
//
//   - [Split] and [Stable] use a scanner of our own, not the one of pg_query. A
//     script has to be refused for a psql command or inline COPY data at the right
//     line, which the engine's scanner cannot see, and printed text of servers newer
//     than the grammar has to stay stable too. The tests hold our scanner against
//     the engine's token by token.
//   - Calls into pg_query take turns. The library points the process's standard error at a
//     pipe for the length of a call; two calls at once can leave it there for good.
//     The rejected alternative, building it with DEBUG defined, needs a
//     compiler flag in the environment of whoever builds the module.
//   - [Stable] works on tokens. Raw parse trees forget parentheses and where an
//     expression ends, and those are what it is about.
package sqltext
