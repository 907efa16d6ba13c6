// Package hook runs a command of the user's beside a run: a process group of its own, with a time limit, without a shell.
//
// It owns how such a command is started, heard and ended. It imports nothing of this module. Entry point: [Command.Run].
//
// Invariants:
//
//  1. A command never outlives its time: its process group is asked to end, and killed two seconds later. On Linux the command itself is
//     killed also when pleat is (SIGKILL included).
//  2. What it prints reaches a person line by line through one function, which masks; nothing of it goes to standard output.
//  3. It gets the environment that it is given and nothing else.
//
// Decision: no shell. Rejected: a line for sh -c, in which a name from the project file or a migration would be read as code.
package hook
