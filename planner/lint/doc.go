// Package lint judges migrations by what they do to a database that is in use: which locks they take, what they scan,
// rewrite or build while others wait, what they break in code that still runs, and what they destroy.
//
// It owns the catalogue of hazards ([Rules]), the rules that estimate the effect of a statement ([Estimate]) and the
// policies of a project ([Policy]). Its entry point is [Check]. It imports schema, schema/sqltext and planner,
// and neither a driver nor the operating system: files, sizes, catalogs and measurements are given to it.
//
// What happens to one file:
//
//	facts     every statement is described by schema/sqltext
//	effect    is the measured one where there is one, else an estimate from the rules and the state so far
//	rules     look at one statement, then at one transaction, then at the whole file, and name hazards by code
//	policy    raises, forbids and adds findings; directives mark findings as allowed
//
// Invariants:
//
//  1. A measured effect decides. A rule about a scan, a rewrite or a build that the server did not do is silent.
//  2. What the same file creates is no hazard: nobody waits for it and nothing is in it.
//  3. What cannot be known from the files and from [Options] is not said. Where a doubt is worth a word, the finding's
//     severity is lower and its text names what is not known.
//  4. An allowed finding stays in the result with its reason, so that an audit sees it.
//  5. The text of a rule is written once. docs/lint.md shows it with its placeholders, a finding with the user's names.
//
// Decision: the state of the database is followed through all files in their order (world), also without a catalog:
// a type change in file 7 is judged by the column that file 2 declared. Judging each file by itself has either to
// cry wolf at every ALTER TYPE or to let all of them pass.
//
// Decision: severity follows the harm, not the lock. Errors stop the application for a time that grows with the data,
// fail, or break code that runs; warnings destroy something or can stop it for a moment under bad luck; the
// rest are notes. Tables below [SmallTable] bytes turn errors about work under a lock into notes.
package lint
