// Package review brings migration files of any tool before the linter: it finds the files that are meant, reads them, has them
// measured where a throw-away server is given, and gathers what was found.
//
// It owns what "the files that are meant" is (paths, standard input, what differs from a git revision) and the audit of a
// directory. The rules are those of planner/lint, the conventions of tools those of history/foreign, and the words
// for people those of view. It may import all of these and inspect/shadow, and it runs git. Entry points: [Read], then [Set.Measure],
// [Set.Judge] and [Set.Audit].
//
// Invariants:
//
//  1. A file that cannot be read is a finding with a code of its own, never a silent gap.
//  2. What a revision does not add is read for what it makes, and nothing is reported about it.
//  3. git gets no argument that it could take for an option, and runs no program that the repository's settings name.
//  4. What could not be measured is estimated, and each finding says which it was.
//
// Decision: with --base whole files are meant, not lines. A statement is dangerous together with the transaction it
// stands in, and a file that was applied must not change in any case.
package review
