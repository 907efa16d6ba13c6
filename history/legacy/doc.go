// Package legacy reads the histories that other tools keep in a database: which migrations ran, when, by whom, and whether the
// files that are there are the ones that ran.
//
// It owns what is known of those tools: the columns of their tables, their order, their checksums, their locks, the names of their
// files. It imports schema (for quoting), history/migration (for our own checksum), history/foreign (for SQL files) and pgx. It writes
// nothing, neither to the database nor to the directory. Entry points, in this order: [Find], [Choose], [Read].
//
// Invariants:
//
//  1. A history is recognised by the columns of its table, never by the table's name alone. Where columns are too common to say
//     anything (id and name), the rows must have the tool's form too, and something else must speak for it: the tool's usual name, a table
//     beside it, or a person who names the tool.
//  2. Every row is accounted for: it is an [Entry], or a [Marker] that says why it is none.
//  3. Nothing is guessed in silence. What cannot be known (a time zone, a checksum of a program) says so, and what was concluded
//     from files and not from rows is [Inferred].
//  4. What speaks against taking a history over is a [Problem] with a code, and all of them are found before anything is refused.
//
// Where things are: what all readers share is in tool.go, source.go, entry.go, file.go, history.go and problem.go (the words), database.go
// and row.go (tables and rows), dir.go (directories), read.go and by_files.go (the way through), lock.go (keeping the tool away) and match.go (what is in
// effect, which file belongs to it, what is pending). What several tools have in common is in form.go (is this table one?), names.go, dotted.go
// and conventions.go (versions and file names), home.go and programs.go (which directory, which sources), python.go, ini.go, checksum.go and
// order.go. Every other file is a tool's: TOOL.go its importer, TOOL_PART.go what that needs.
//
// Decision: one file for each tool behind one interface, [Importer], with few shared pieces: what the tools have in common is little
// and accidental. Rejected: a table of columns and regular expressions; what is a state, an order and an identity differs too much.
//
// Decision: rows come as JSON that the server makes (to_jsonb), so that a reader asks a row for a column and need not know whether
// this version of the tool has it. Rejected: one query for each layout.
package legacy
