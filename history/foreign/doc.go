// Package foreign reads directories of plain SQL migrations, whichever tool they were written for, as what they are: an
// ordered list of files, each with statements that lead up and perhaps statements that lead back.
//
// It owns the conventions of those tools: how files are named and ordered, where the way back stands, what runs in one
// transaction. It imports history/migration (whose files are one of the formats), schema/sqltext and the standard
// library; it knows no database. Entry points: [Detect], [Read], [ReadFiles] and [ReadText].
//
// Invariants:
//
//  1. A file that cannot be read as a whole is still in the result, with what is wrong as a [Problem] at its line, and
//     with the statements that could be read. Only a directory that cannot be listed is an error.
//  2. Statements keep their text and their exact place: line and column in the file as an editor shows it. The one exception are
//     placeholders (${name}), which become identifiers of the same length; [Script.Placeholders] says so.
//  3. A [Unit] says what the tool does: whether its statements share a transaction. The transaction commands of a file are
//     part of that, and are left out of the statements where they are in order; where they are not, they stay, so that
//     whoever judges the file sees them.
//  4. Nothing outside the directory is read, links to directories are not followed, and no file above the size limit of
//     history/migration is loaded.
//
// Decision: one file per tool with two functions, one that recognises a listing and one that reads it. Rejected: one table
// of regular expressions; the tools differ in what a version, a pair and a transaction is, not only in names.
//
// Decision: marker lines (-- +goose Up, -- migrate:down) are found by line, also inside of literals, because that is how
// the tools find them.
package foreign
