// Command pleat keeps a PostgreSQL database in the shape that HCL files describe, through reviewed, versioned SQL files.
//
// Each command is one thin file with the same parts: newXCmd makes the cobra command, xOptions are its flags, and runX
// loads, calls the package that does the work, and hands the result to package view. What commands share lives in
// shared.go (flags), project.go (pleat.hcl, the connection, the files) and root.go (the command tree and how a command ends).
//
// Invariants:
//
//  1. Nothing here decides anything about schemas or migrations, and nothing here prints: that is view's.
//  2. app holds the streams, the clock, the version, the environment, where events go, and what is to be done at the end. There are no global flags.
//  3. Only main ends the process. A panic is caught there, once, and shown as a bug.
//  4. Exit codes are 0 (done, or nothing differs), 1 (an error) and 2 (differences were found, where a command looks for them).
package main
