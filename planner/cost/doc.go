// Package cost says how long the work of a statement will take on tables of a given size, and under which lock.
//
// It owns the arithmetic and its words ([Of]); effects come from a shadow or from rules, sizes from a database. It imports
// planner and schema and nothing else.
//
// Only work that grows with a table counts: reading it in full, writing it anew, building an index, checking a foreign key. A
// change of the catalogs alone is instant, as is waiting for a lock, which no size foretells.
//
// Decision: the rates are constants with an option, not measured on the target: to measure how fast a busy server reads would burden
// it, and an estimate that is right within a factor of three decides as well between a second and an hour.
package cost
