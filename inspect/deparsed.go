package inspect

import (
	"fmt"
	"strings"

	"github.com/pleatdb/pleat/schema"
	"github.com/pleatdb/pleat/schema/sqltext"
)

// This file takes apart what the server's deparser printed with standard_conforming_strings on. Such text has no
// comments and no dollar quotes, and quotes inside of quotes are doubled (backslashes in E'' are doubled too), so a
// scan that toggles at each quote never mistakes the content of a name or literal for SQL.

// expression is the model's form of a printed expression: no parentheses around it, and stable.
func expression(printed string) string {
	if printed == "" {
		return ""
	}
	return unwrap(sqltext.Stable(printed))
}

// statement is the model's form of a printed query or command: no final semicolon, and stable.
func statement(printed string) string {
	return sqltext.Stable(strings.TrimSuffix(strings.TrimSpace(printed), ";"))
}

// outside calls visit for each byte that is outside of quotes, with the depth of parentheses and brackets before it.
// It stops when visit returns false.
func outside(text string, visit func(i, depth int) bool) {
	depth := 0
	var quote byte
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
			}
			continue
		case c == '\'' || c == '"':
			quote = c
			continue
		case c == ')' || c == ']':
			depth--
		}
		if !visit(i, depth) {
			return
		}
		if c == '(' || c == '[' {
			depth++
		}
	}
}

// closing is the index of the parenthesis that closes the one at open, or -1.
func closing(text string, open int) int {
	end := -1
	outside(text[open:], func(i, depth int) bool {
		if i > 0 && depth == 0 && text[open+i] == ')' {
			end = open + i
		}
		return end < 0
	})
	return end
}

// unwrap takes away the parentheses that surround a whole expression, except those that belong to a subquery.
func unwrap(text string) string {
	text = strings.TrimSpace(text)
	for strings.HasPrefix(text, "(") && closing(text, 0) == len(text)-1 {
		inner := strings.TrimSpace(text[1 : len(text)-1])
		if isQuery(inner) {
			return text
		}
		text = inner
	}
	return text
}

// isQuery reports whether the inside of a pair of parentheses is a query rather than an expression. A set operation
// may begin with parentheses of its own.
func isQuery(text string) bool {
	if strings.HasPrefix(text, "(") {
		end := closing(text, 0)
		if end < 0 || !isQuery(strings.TrimSpace(text[1:end])) {
			return false
		}
		switch firstWord(strings.TrimSpace(text[end+1:])) {
		case "UNION", "INTERSECT", "EXCEPT", "ORDER", "LIMIT", "OFFSET":
			return true
		}
		return false
	}
	switch firstWord(text) {
	case "SELECT", "WITH", "VALUES", "TABLE":
		return true
	}
	return false
}

func firstWord(text string) string {
	end := 0
	for end < len(text) && (text[end] >= 'A' && text[end] <= 'Z' || text[end] == '_') {
		end++
	}
	return text[:end]
}

// splitList cuts a printed list at its commas.
func splitList(text string) []string {
	var items []string
	start := 0
	outside(text, func(i, depth int) bool {
		if depth == 0 && text[i] == ',' {
			items = append(items, strings.TrimSpace(text[start:i]))
			start = i + 1
		}
		return true
	})
	return append(items, strings.TrimSpace(text[start:]))
}

// firstList is what stands in the first pair of parentheses.
func firstList(text string) (string, error) {
	open := -1
	outside(text, func(i, _ int) bool {
		if text[i] == '(' {
			open = i
		}
		return open < 0
	})
	if open >= 0 {
		if end := closing(text, open); end >= 0 {
			return text[open+1 : end], nil
		}
	}
	return "", fmt.Errorf("no list in %q", text)
}

// decoration says which clauses the server printed behind an element of an index or partition key: those that
// differ from what it would choose by itself.
type decoration struct {
	collation, opClass bool
}

// decorations compares a printed list with the elements it is known to hold, printed alone.
func decorations(list string, elements []string) ([]decoration, error) {
	items := splitList(list)
	if len(items) != len(elements) {
		return nil, fmt.Errorf("%w: %d elements in (%s), want %d", errTorn, len(items), list, len(elements))
	}
	out := make([]decoration, len(items))
	for i, item := range items {
		rest, ok := strings.CutPrefix(item, elements[i])
		if !ok {
			rest, ok = strings.CutPrefix(item, "("+elements[i]+")")
		}
		if !ok {
			return nil, fmt.Errorf("%w: element %s is not %s", errTorn, item, elements[i])
		}
		out[i] = readDecoration(rest)
	}
	return out, nil
}

func readDecoration(rest string) decoration {
	var d decoration
	words := strings.TrimSpace(rest)
	if after, ok := strings.CutPrefix(words, "COLLATE "); ok {
		d.collation = true
		words = strings.TrimSpace(after[nameEnd(after):])
	}
	switch strings.TrimRight(firstWord(words), "(") {
	case "ASC", "DESC", "NULLS", "WITH":
	default:
		d.opClass = words != ""
	}
	return d
}

// nameEnd is the end of a possibly qualified, possibly quoted name.
func nameEnd(text string) int {
	end := len(text)
	outside(text, func(i, _ int) bool {
		if text[i] == ' ' || text[i] == '(' {
			end = i
		}
		return end == len(text)
	})
	return end
}

// whenCondition takes the condition out of a printed CREATE TRIGGER. WHEN is a reserved word, so outside of quotes
// it can be nothing else.
func whenCondition(definition string) (string, error) {
	const word = " WHEN ("
	start := -1
	outside(definition, func(i, depth int) bool {
		if depth == 0 && strings.HasPrefix(definition[i:], word) {
			start = i + len(word) - 1
		}
		return start < 0
	})
	if start >= 0 {
		if end := closing(definition, start); end >= 0 {
			return definition[start+1 : end], nil
		}
	}
	return "", fmt.Errorf("no condition in %q", definition)
}

// params reads name=value pairs in the order in which they are stored.
func params(options []string) []schema.Param {
	var out []schema.Param
	for _, o := range options {
		name, value, _ := strings.Cut(o, "=")
		out = append(out, schema.Param{Name: name, Value: value})
	}
	return out
}
