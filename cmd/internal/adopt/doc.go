// Package adopt makes a project of pleat's out of a history of another tool that was read: it compares the live state with what the
// tool's files build ([Align]), turns legacy files into migrations ([Convert]), says what the schema files of the new project hold
// ([Desired]), and which tables are the tool's own ([Ignore]).
//
// It belongs to the command line because it joins packages that must not know each other: history/legacy, inspect/shadow,
// history/migration and cmd/internal/view, whose words differences have. It writes nothing, neither files nor to a database; what it runs, it
// runs on the shadow.
//
// Invariants:
//
//  1. A comparison is of everything or it is none: where one file in effect cannot be run, there is a reason with its name and no list.
//  2. What a comparison leaves out because no file can say it is left out on both sides: owners, privileges, and what pleat cannot model.
//  3. A converted file holds the statements of the legacy file, each once and in order, and reads back as it was made. What cannot
//     be carried over is refused or noted by name; nothing is left out in silence.
//  4. Versions follow from the names and the order of the files alone, so that every database of a project gets the same ones.
//
// Decision: files are replayed in the order in which they ran here, and scripts that run again whenever they changed come last, once each. Rejected: the
// order of the directory; where a branch was merged late, the database is what the other order made.
//
// Decision: schemas and extensions that no file makes are laid in only when the files do not run without them. A schema that is laid in and used counts as
// given (Flyway and others make it themselves), an extension is reported all the same, since somebody made it by hand.
//
// Decision: names without a schema are tried under the schema of the tool's table first, and under others where that fits the database better: the search path
// of whoever ran the tool is in no file. What was found is written into converted files, so that they mean the same to anybody.
//
// Decision: a pending file that does not run on what is there is left out by name ([Conversion.Desired]). Tools that commit halfway and record nothing leave
// such files behind. Rejected: to convert it all the same, after which no plan could be made; to refuse the import, which changes nothing about it.
//
// Decision: a statement of a legacy file that ran outside of a transaction becomes a step of its own, and one without transaction only where
// PostgreSQL asks for that: a step of one statement commits with the row of the log, so that no interruption leaves a doubt.
package adopt
