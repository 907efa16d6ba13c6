package schema

import (
	"bytes"
	"encoding/json"
	"reflect"
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

// Equal reports whether two objects are the same in canonical form.
func Equal(a, b Object) bool { return reflect.DeepEqual(Canonical(a), Canonical(b)) }

// Describe writes an object for people, one field a line, without those that are not set.
func Describe(o Object) string {
	text, err := encode(nonzero(reflect.ValueOf(o)))
	if err != nil {
		return err.Error() + "\n"
	}
	var out bytes.Buffer
	if err := json.Indent(&out, text, "", "  "); err != nil {
		return err.Error() + "\n"
	}
	return out.String() + "\n"
}

// sortedParams copies a list in the order of names; the empty list is nil.
func sortedParams(params []Param) []Param {
	if len(params) == 0 {
		return nil
	}
	return slices.SortedFunc(slices.Values(params), func(a, b Param) int { return strings.Compare(a.Name, b.Name) })
}
