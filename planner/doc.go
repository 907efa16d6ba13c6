// Package planner turns two catalogs into the ordered SQL that leads from one to the other.
//
// It is pure: it imports package schema and the standard library, and knows no driver, no parser, no files and
// no clock. The same two catalogs always give the same text. Its entry point is [New].
//
// The work is done in four stages, each in the file of its name:
//
//	diff    compares the catalogs, object by object, with no code that knows a kind
//	expand  finds what has to be taken down and put up again because something below it goes
//	order   sorts the actions by one graph, with a total order where the graph leaves a choice
//	fold    merges defaults and constraints into the CREATE TABLE before them; cosmetic, it may do nothing
//
// The files named like a kind of object (table.go, index.go) only turn one change into SQL.
//
// Invariants:
//
//  1. Only what changes is in the graph; unchanged objects cost nothing beyond the comparison.
//  2. A table is never dropped and created again, and CASCADE is never used: everything that goes is named.
//  3. An in-place change that meets a field it does not know is an error ([Unsupported]), never silence: see complete.
//  4. A cycle among actions is a fault of this package and is reported with its members. It is cured by splitting an
//     action finer, never by a repair pass. Only text that no engine has seen ([Options].Lenient) may break cycles.
//  5. Nothing that pleat cannot model is touched: a plan that would drop what an unmanaged object needs is refused.
//
// Decision: the undo of a step is the plan of the opposite direction between the same two states, not a
// reversal of each statement. It is proven like the way up, and a replaced view comes back with all that hung on it
// because the same expansion runs in both directions.
//
// Decision: dependencies are edges between states, not between statements. An action says which objects it makes,
// which it ends, and whose needs it releases; order.go derives all edges from these three lists. Rules such
// as "drop foreign keys first" exist nowhere.
package planner
