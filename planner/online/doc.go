// Package online leads from one catalog to another while programs that were written for either of them are running.
//
// Package planner knows how one state becomes another in a transaction. This package chooses states in between, so that no
// single step stops anybody for long, and divides them into two phases: after expand, everything that the old code needs is still
// there and everything that the new code needs is there already; contract takes away what only the old code needed. Its entry
// point is [New]. It imports schema and planner, and is as pure as they are.
//
// The way is a list of states ([schema.Catalog]), each reached either by the plain plan from the one before, or by statements of
// a recipe. Files are named after the kind of object that they are about; divide.go decides what waits for the contract, and
// expand.go and contract.go walk through the phases.
//
// Invariants:
//
//  1. A table that the same plan creates has no rows and no users: nothing about it takes a detour.
//  2. What is renamed for the trash is part of no state: the trash is invisible to inspection, plan and proof
//     ([schema.Catalog.WithoutTrash]), and the way back shows that it was kept whole.
//  3. The undo of each step stands by itself: after a failure in the middle, undoing the finished steps leads to the start.
//     Undos of indexes therefore say IF EXISTS, because a constraint that took an index in takes it along.
//
// Decision: a type change carries the values to a new column and swaps the names in the contract phase, instead of offering both
// names to programs. Between the phases the old type is the one that everybody sees; a program that writes values which only the
// new type holds has to wait for the contract.
//
// Decision: an enum that loses or moves values gets a second type and its columns are carried, all swapped in one transaction with
// the name of the type: code that casts to the name would otherwise meet columns of the other type. The old type goes to the
// trash with the old columns. It is not changed into text with a check, which would be another schema than the declared one.
//
// Decision: renamed columns are two columns kept equal by a trigger, not a view in front of the table. A view refuses COPY,
// TRUNCATE, foreign keys and later columns; two columns cost a backfill.
//
// Decision: what cannot be carried over without stopping anybody (a column of a partitioned table or an inheritance
// tree, or one with an exclusion constraint, a materialized view or a generated column on it) is changed where it stands, and
// its locks are shown as they were measured.
//
// Decision: a table takes its place as a partition with a valid check of the bounds, which the engine takes for a proof, and
// leaves it with one, since DETACH CONCURRENTLY would leave a check of its own otherwise. It leaves in the contract phase: old
// code finds its rows by the parent. A place that is taken until then ([Options].Late) is taken there, too.
package online
