package legacy

import (
	"cmp"
	"slices"
	"strings"
)

// byInt orders rows by an integer column; rows without a value come first.
func byInt(column string) func(a, b Row) int {
	return func(a, b Row) int {
		x, _ := a.Int(column)
		y, _ := b.Int(column)
		return cmp.Compare(x, y)
	}
}

// byTime orders rows by a timestamp.
func byTime(column string) func(a, b Row) int {
	return func(a, b Row) int {
		x, _ := a.Time(column)
		y, _ := b.Time(column)
		return x.Compare(y)
	}
}

// byText orders rows by the bytes of a column.
func byText(column string) func(a, b Row) int {
	return func(a, b Row) int { return strings.Compare(a.Text(column), b.Text(column)) }
}

// each orders by the first that tells two rows apart.
func each(orders ...func(a, b Row) int) func(a, b Row) int {
	return func(a, b Row) int {
		for _, order := range orders {
			if n := order(a, b); n != 0 {
				return n
			}
		}
		return 0
	}
}

// expectOrder sets InOrder for a tool that refuses files below its newest one unless it is told to run them: where entries show that it
// was, such a file will run.
func (h *History) expectOrder(compare func(a, b string) int) {
	newest := ""
	for i := range h.Entries {
		e := &h.Entries[i]
		switch {
		case e.State != Applied || e.Version == "":
			continue
		case newest != "" && compare(e.Version, newest) < 0:
			h.InOrder = false
			return
		}
		newest, h.InOrder = e.Version, true
	}
}

// compareNumbers compares digits of any length by what they count.
func compareNumbers(a, b string) int {
	a, b = strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
	return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b))
}

// byNumber orders rows by a column of digits.
func byNumber(column string) func(a, b Row) int {
	return func(a, b Row) int { return compareNumbers(a.Text(column), b.Text(column)) }
}

// sortByNumber orders files by their versions, which are digits, and then by path.
func sortByNumber(files []File) {
	slices.SortStableFunc(files, func(a, b File) int {
		return cmp.Or(compareNumbers(a.Version, b.Version), strings.Compare(a.Path, b.Path))
	})
}
