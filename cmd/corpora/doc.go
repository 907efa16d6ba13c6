// Command corpora runs the built pleat over real schemas that nobody of this project wrote, with pg_dump as the judge.
// It is a developer's tool (make corpora): a proof by pleat's own inspector cannot see what the inspector does not
// read, while pg_dump prints what PostgreSQL itself thinks worth keeping.
//
//	go run ./cmd/corpora -pleat bin/pleat -set pairs -run enum -v
//
// # What is run
//
// Each worker (-j) has a throw-away server of its own, since roles and tablespaces are shared by all databases of one.
//
//   - schemas: a database is imported, and the plan after the import must be empty. The files are then applied to an empty
//     database, whose dump must be that of the first; the next plan must be empty; a rollback of all must
//     leave the dump of an empty database.
//   - upgrades, pairs: the new state is inspected into files, planned and applied in a database of the old state, whose dump must be
//     that of the new state; the next plan must be empty; the rows of every table present in both states must still be
//     there; a rollback must give back the dump and the rows of the old state. Pairs are run in both directions.
//
// # How to read the report
//
// A table counts the cases of each set by class; below it stands every case that did not pass, with the first lines of why.
//
//	passed          the dumps are equal. "by order" counts those of them that differ in the order of columns only,
//	                which no tool can change without rewriting the table
//	acl             only GRANT, REVOKE or ALTER DEFAULT PRIVILEGES statements differ
//	unmanaged       only statements about objects differ that pleat itself listed as unmanaged
//	refused         pleat changed nothing and named what it will not touch, or the rows that stand in the way
//	silently wrong  pleat said done and the dumps differ, or rows are lost that no plan said it would destroy
//	failed          a crash, an error, a plan that is not empty when it should be, a wrong rollback, no answer in time
//	not run         the material itself could not be loaded here, such as for a missing extension
//
// A case with several findings has the gravest class. The exit code is 1 if a case is silently wrong or failed, or if
// nothing could be run. A statement of the dump that pleat's database lacks is marked with "-", one it has in excess
// with "+". With -v the work directory stays, with every command's arguments and output, and the differences of the
// dumps are printed in full.
//
// # Rules of the judge
//
//   - Statements are compared as multisets: pg_dump's order follows OIDs and names, not meaning.
//   - SET statements are left out, but what they mean for the next statement (tablespace, access method, grantor) is added to it.
//   - In CREATE TABLE and CREATE FOREIGN TABLE the order of the parenthesised lines is aside. Nothing else is: a view's text,
//     a function's body and a type's attributes count to the byte.
//   - A difference is excused as unmanaged only where the statement creates, alters or comments the listed object, or grants on it.
//     That it uses one is no excuse.
//   - A refusal is believed only with exit code 1, and only where the error's code or text says what is not done.
//
// # Boundaries
//
// It imports package server for throw-away servers, package sqltext to cut dumps and scripts, package schema to quote names, and pgx. It knows
// pleat by its command line and JSON only (answer.go), as a user does; linking pleat's packages instead would judge the
// parts and not the program.
package main
