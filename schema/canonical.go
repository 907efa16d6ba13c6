package schema

import (
	"slices"
	"strings"
)

// Canonical is the object without differences that no ALTER can make: table columns are sorted by name, because PostgreSQL
// can only add columns at the end, and so are storage parameters, which it stores in the order in which they were
// set. A state that differs in nothing else is as near as a change can come, and counts as the same.
func Canonical(o Object) Object {
	switch o := o.(type) {
	case *Table:
		sorted := *o
		sorted.Columns = slices.SortedFunc(slices.Values(o.Columns), func(a, b Column) int {
			return strings.Compare(a.Name, b.Name)
		})
		for i := range sorted.Columns {
			sorted.Columns[i].Options = sortedParams(sorted.Columns[i].Options)
		}
		sorted.StorageParams = sortedParams(o.StorageParams)
		return &sorted
	case *Materialized:
		sorted := *o
		sorted.StorageParams = sortedParams(o.StorageParams)
		return &sorted
	case *Index:
		sorted := *o
		sorted.StorageParams = sortedParams(o.StorageParams)
		return &sorted
	case *PrimaryKey:
		sorted := *o
		sorted.Index.StorageParams = sortedParams(o.Index.StorageParams)
		return &sorted
	case *Unique:
		sorted := *o
		sorted.Index.StorageParams = sortedParams(o.Index.StorageParams)
		return &sorted
	case *Exclude:
		sorted := *o
		sorted.Index.StorageParams = sortedParams(o.Index.StorageParams)
		return &sorted
	}
	return o
}

// sortedParams copies a list in the order of names; the empty list is nil.
func sortedParams(params []Param) []Param {
	if len(params) == 0 {
		return nil
	}
	return slices.SortedFunc(slices.Values(params), func(a, b Param) int { return strings.Compare(a.Name, b.Name) })
}
