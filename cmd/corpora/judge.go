package main

import (
	"slices"
	"strings"

	"github.com/aymanbagabas/go-udiff"
)

// verdict is how one dump differs from another.
type verdict struct {
	// Missing are the statements of the wanted dump that the other lacks, Extra those that it has in excess.
	Missing, Extra []string
	// ByOrder are the tables whose columns stand in another order and that are equal otherwise.
	ByOrder []string
}

// judge compares the dump that was wanted with the one that was got.
func judge(want, got string) (verdict, error) {
	wanted, err := statements(want)
	if err != nil {
		return verdict{}, err
	}
	gotten, err := statements(got)
	if err != nil {
		return verdict{}, err
	}
	var v verdict
	v.Missing, v.Extra = subtract(wanted, gotten, func(s string) string { return s })
	before := v.Missing
	v.Missing, v.Extra = subtract(v.Missing, v.Extra, anyOrder)
	rest := slices.Clone(v.Missing)
	for _, sql := range before {
		if i := slices.Index(rest, sql); i >= 0 {
			rest = slices.Delete(rest, i, i+1)
			continue
		}
		v.ByOrder = append(v.ByOrder, sql)
	}
	return v, nil
}

// subtract removes from both multisets what they have in common under form. The order of what is left is kept.
func subtract(a, b []string, form func(string) string) (onlyA, onlyB []string) {
	count := map[string]int{}
	for _, s := range b {
		count[form(s)]++
	}
	for _, s := range a {
		if key := form(s); count[key] > 0 {
			count[key]--
		} else {
			onlyA = append(onlyA, s)
		}
	}
	// What is left in count are the statements in excess; of equal ones any will do.
	for _, s := range b {
		if key := form(s); count[key] > 0 {
			count[key]--
			onlyB = append(onlyB, s)
		}
	}
	return onlyA, onlyB
}

// same reports whether the dumps are equal, the order of columns aside.
func (v verdict) same() bool { return len(v.Missing) == 0 && len(v.Extra) == 0 }

// without is the verdict less the statements that excused accepts.
func (v verdict) without(excused func(string) bool) verdict {
	v.Missing = slices.DeleteFunc(slices.Clone(v.Missing), excused)
	v.Extra = slices.DeleteFunc(slices.Clone(v.Extra), excused)
	return v
}

// class is the class of a case whose dumps differ so, given what pleat listed as unmanaged.
func (v verdict) class(listed []unmanaged) class {
	excused := func(sql string) bool {
		return slices.ContainsFunc(listed, func(u unmanaged) bool { return u.isAboutMe(sql) })
	}
	rest := v.without(excused)
	switch {
	case v.same():
		return passed
	case rest.same():
		return leftAlone
	case rest.without(isACL).same():
		return onlyACL
	}
	return silentlyWrong
}

// lines says in short what differs: pairs of what belongs together first would need to guess, so all missing come first.
func (v verdict) lines() []string {
	var out []string
	for _, sql := range v.Missing {
		out = append(out, "- "+sql)
	}
	for _, sql := range v.Extra {
		out = append(out, "+ "+sql)
	}
	return out
}

// unified is the whole difference as a unified diff of the sorted statements.
func (v verdict) unified() string {
	text := func(list []string) string {
		sorted := slices.Clone(list)
		slices.Sort(sorted)
		var b strings.Builder
		for _, sql := range sorted {
			b.WriteString(anyOrder(sql) + ";\n\n")
		}
		return b.String()
	}
	return udiff.Unified("wanted", "got", text(v.Missing), text(v.Extra))
}
