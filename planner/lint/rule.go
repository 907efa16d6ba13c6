package lint

import (
	"slices"
	"strings"
)

// Rule is one entry of the catalogue. Why and Safe hold placeholders such as {table}, {column}, {name}, {type}, which a
// finding fills with the user's own names, quoted.
type Rule struct {
	// Code is stable: directives and reports name it.
	Code     string
	Title    string
	Severity Severity
	// Sized rules are about time that grows with the table; small tables turn them into notes.
	Sized bool
	// Upward rules are about what the way down is for, such as drops; they are not applied to it.
	Upward bool
	Why    string
	Safe   string
	// Holds says for which versions of PostgreSQL; empty for all that are supported.
	Holds string
}

// Group is a part of the catalogue.
type Group struct {
	Title string
	Rules []Rule
}

// Groups are the whole catalogue in the order of the codes.
func Groups() []Group {
	return []Group{
		{"Locks and transactions", lockRules},
		{"Columns", columnRules},
		{"Constraints and indexes", constraintRules},
		{"Tables, partitions and types", tableRules},
		{"Policies and the text itself", policyRules},
	}
}

// Rules are all rules in the order of their groups.
func Rules() (out []Rule) {
	for _, g := range Groups() {
		out = append(out, g.Rules...)
	}
	return out
}

// Lookup finds a rule by its code.
func Lookup(code string) (Rule, bool) {
	rules := Rules()
	i := slices.IndexFunc(rules, func(r Rule) bool { return r.Code == code })
	if i < 0 {
		return Rule{}, false
	}
	return rules[i], true
}

// words are what placeholders stand for.
type words map[string]string

// fill puts words into a text. A placeholder that has no word is an ellipsis; an empty word leaves nothing.
func (w words) fill(text string) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(text, "{")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		key, after, closed := strings.Cut(rest, "}")
		if !closed || strings.ContainsAny(key, " '\n") {
			b.WriteString("{")
			text = rest
			continue
		}
		if word, ok := w[key]; ok {
			b.WriteString(word)
		} else {
			b.WriteString("…")
		}
		text = after
	}
}
