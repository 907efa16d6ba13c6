// Package testcase reads the planner's test corpus, planner/testdata/*.txtar, for the tests that use it: golden, proven on
// a real PostgreSQL, and reversed. Only tests import it; it knows neither HCL nor a database.
//
// Its entry point is [Load]. A case is one txtar file. The prose above the files says why the case exists; lines in it
// of the form "word: text" are settings (see [Case]). The files are:
//
//	old.hcl, new.hcl   the two states, in the engine's own normal form, so that no database is needed to plan
//	seed.sql           rows, and privileges, that are put into old before the plan runs
//	try.sql            what must work in the new state; it is rolled back
//	expected.sql       the way up as it is planned from the files alone
//	proven.sql         the way up as it is planned from what the engine makes of the files, where that differs: files say
//	                   nothing of what PostgreSQL derives, such as the columns of views and the indexes of partitions
//	expected.err       the error of a change that is refused; then there is no expected.sql
//	proven.err         the same where the files alone do not show it
//	reverse.err        the same of the way from new to old
//
// In planner/online/testdata expected.sql holds both ways of a plan that is divided into phases, with reasons and checks.
//
// Decision: one file for each case rather than a directory, so that a review shows the two states, the plan and its
// reason on one page.
package testcase
