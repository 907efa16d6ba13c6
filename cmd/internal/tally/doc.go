// Command tally runs the tests and says what ran, what failed, and what was skipped and why. Its last line is
//
//	N passed, N failed, N skipped
//
// and its exit code that of go test. It is a developer's tool (make test): a green run that skipped what it was
// meant to show is worse than a red one, and go test says nothing of skips unless it prints everything.
//
//	tally -vet -- -p 2 ./...                     go vet, then go test -json with these arguments
//	test2json -p pkg ./pkg.test ... | tally -from -   the events of a test binary that ran elsewhere
//	tally -sum FILE                              the sum of the lines that earlier runs wrote with -counts FILE
//
// What is counted are leaves: a test with subtests is not counted beside them, unless it fails where none of them does. A
// package that does not build or ends before its tests do counts as one failure, and so does a go vet that complains.
//
// It imports the standard library only.
package main
