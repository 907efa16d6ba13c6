// Package draft goes the whole way from a live catalog and loaded files to a proven migration: carry, replay, move,
// elaborate, plan, prove, and the file's content.
//
// It belongs to the command line because it joins packages that must not know each other: schema/hclfile,
// inspect/shadow, planner and history/migration. Its entry point is [New]. It reads and writes no files and has no
// database but the shadow.
//
// Decision: where the engine has no assignment cast for a new column type, the plan is made again with an explicit cast.
// The explicit form is not the rule, because it is more forgiving: character varying(20)::character varying(10) cuts values
// in silence, while the assignment refuses them.
package draft
