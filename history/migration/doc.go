// Package migration is the files: their format, their directory and their checksums.
//
// It turns the text of one file into a [Migration] ([Parse]) and back ([Format]), reads a
// directory of them ([ReadDir]), guards it with pleat.sum ([Dir.Validate], [Rehash]) and adds to it
// ([New], [Write]). [Dir.In] gives the files as they run on another schema. It knows no database. It imports schema for object IDs and sqltext for
// everything that needs to understand SQL.
//
// Invariants:
//
//  1. A file is plain SQL that psql runs as it is; pleat's own words are in line comments that
//     begin with "-- pleat:". They count only outside of literals, quoted names, dollar quotes and
//     block comments, and an unknown one is an error: a misspelt directive must not be a comment.
//  2. Nothing that comes from a database or from a user can break out of a comment: every text
//     in a directive is one line, with control characters escaped.
//  3. Parse(Format(m)) equals m for every migration that [Write] writes. Write checks it, so a plan
//     that the format cannot carry is an error of the writer and never a surprise of the reader.
//  4. Checksums cover normalised text ([Normalize]): a checkout that changes line ends, or an editor
//     that adds a final newline, changes no checksum.
//  5. Versions are UTC timestamps of 14 digits, so the order of text, of names and of time is one order.
//
// Decision: pleat.sum begins with a digest of the whole directory although the digests of the
// files would do, because two branches that both add a file must meet in a merge conflict at
// that line; without it git would merge the two added lines silently.
//
// Decision: a labelled step that holds a statement which cannot run in a transaction must hold
// nothing else. Splitting it silently, as unlabelled files are, would change what "step 3" means in the log.
//
// Decision: an enum value added by ALTER TYPE … ADD VALUE always ends its step, used later or not. Finding the
// uses would need to know the types of every literal, and the cost of one more step is one more commit.
package migration
