package sqltext

import (
	"strings"

	pgquery "github.com/pganalyze/pg_query_go/v5"
)

// Marks stand in a text for words that the grammar does not know yet. They are names that nobody writes:
// a name cannot begin with a control character by accident.
const (
	markVirtual     = "\x01virtual"
	markNotEnforced = "\x01not enforced"
	markEnforced    = "\x01enforced"
	markNotNull     = "\x01not null"
	markExpression  = "\x01expression"
)

// newer returns the statement itself, and after it the same statement in words of the grammar, where it holds syntax
// of PostgreSQL 17 and 18 about columns and constraints. The result only serves to describe the statement.
func newer(stmt string) []string {
	tokens, err := significant(stmt)
	if err != nil || len(tokens) == 0 {
		return []string{stmt}
	}
	out := []string{stmt}
	for _, inColumn := range []bool{false, true} {
		d := downgrade{words: words{stmt, tokens}, inColumn: inColumn}
		if text, changed := d.text(); changed {
			out = append(out, text)
		}
	}
	return out
}

// downgrade writes a statement anew in the words of the grammar.
type downgrade struct {
	words
	// inColumn takes NOT ENFORCED as part of a column and not of a table's constraint.
	inColumn bool
	out      strings.Builder
	copied   int // offset up to which the source was copied
	changed  bool
}

// replace writes text in place of the tokens from i to before j.
func (d *downgrade) replace(i, j int, text string) {
	d.out.WriteString(d.src[d.copied:d.tokens[i].start])
	d.out.WriteString(text)
	d.copied = d.tokens[j-1].end
	d.changed = true
}

func (d *downgrade) text() (string, bool) {
	if first := d.at(0); first != "alter" && first != "create" {
		return "", false
	}
	for i := 0; i < len(d.tokens); {
		i = d.step(i)
	}
	d.out.WriteString(d.src[d.copied:])
	return d.out.String(), d.changed
}

// step looks at the token i and returns the next one to look at.
func (d *downgrade) step(i int) int {
	switch {
	case d.at(i) == "generated" && d.at(i+1) == "always" && d.at(i+2) == "as" && d.punct(i+3, '('):
		return d.generated(i)
	case d.at(i) == "set" && d.at(i+1) == "expression" && d.at(i+2) == "as" && d.punct(i+3, '('):
		d.replace(i, i+3, `SET DEFAULT "`+markExpression+`"`)
		return i + 3
	case d.at(i) == "not" && d.at(i+1) == "enforced":
		d.replace(i, i+2, map[bool]string{true: `CONSTRAINT "` + markNotEnforced + `" CHECK (true)`, false: "NOT VALID"}[d.inColumn])
		return i + 2
	case d.at(i) == "enforced":
		d.replace(i, i+1, "")
		return i + 1
	case d.at(i) == "alter" && d.at(i+1) == "constraint" && d.at(i+3) == "enforced":
		d.replace(i+2, i+4, quoteWith(d.name(i+2), markEnforced))
		return i + 4
	case d.at(i) == "add" && d.at(i+1) == "constraint" && d.at(i+3) == "not" && d.at(i+4) == "null" && i+5 < len(d.tokens):
		return d.notNull(i+2, i+3)
	case d.at(i) == "add" && d.at(i+1) == "not" && d.at(i+2) == "null" && i+3 < len(d.tokens):
		return d.notNull(i+1, i+1)
	}
	return i + 1
}

// generated puts the word STORED behind an expression that has none (PostgreSQL 18), with a mark that it is virtual.
func (d *downgrade) generated(i int) int {
	end := d.closing(i + 3)
	if end >= len(d.tokens) || d.at(end+1) == "stored" {
		return end + 1
	}
	text := `) STORED CONSTRAINT "` + markVirtual + `" CHECK (true)`
	if d.at(end+1) == "virtual" {
		d.replace(end, end+2, text)
		return end + 2
	}
	d.replace(end, end+1, text)
	return end + 1
}

// notNull turns [CONSTRAINT name] NOT NULL column, whose name is token n or absent (n == not), into a check with a mark.
func (d *downgrade) notNull(n, not int) int {
	name, from := "", n
	if n != not {
		name, from = d.name(n), n-1
	}
	column := d.tokens[not+2].text(d.src)
	d.replace(from, not+3, "CONSTRAINT "+quoteWith(name, markNotNull)+" CHECK ("+column+" IS NOT NULL)")
	return not + 3
}

// name is the identifier that the token i spells.
func (d *downgrade) name(i int) string {
	if parts, ok := splitName(d.tokens[i].text(d.src)); ok && len(parts) == 1 {
		return parts[0]
	}
	return ""
}

// quoteWith quotes a name with a mark behind it. Long names are cut by PostgreSQL, and would lose the mark: they lose
// their own end instead.
func quoteWith(name, mark string) string {
	if max := 63 - len(mark); len(name) > max {
		name = name[:max]
	}
	return `"` + strings.ReplaceAll(name+mark, `"`, `""`) + `"`
}

func (d *downgrade) punct(i int, c byte) bool {
	return i < len(d.tokens) && d.tokens[i].is(d.src, c)
}

// closing is the index of the parenthesis that closes the one at i.
func (d *downgrade) closing(i int) int {
	depth := 0
	for ; i < len(d.tokens); i++ {
		switch {
		case d.punct(i, '('):
			depth++
		case d.punct(i, ')'):
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return i
}

// unmark turns a check that stands for NOT NULL into what it stands for.
func unmark(c *ConstraintFact) {
	if name, ok := strings.CutSuffix(c.Name, markNotNull); ok {
		c.Name, c.Kind, c.Expr = name, "not null", nil
		c.Columns = c.Proves
	}
}

// markedExpression is the expression behind a mark of SET EXPRESSION, or nil.
func markedExpression(n *pgquery.Node) *pgquery.Node {
	call := n.GetFuncCall()
	if names := strs(call.GetFuncname()); len(names) == 1 && names[0] == markExpression && len(call.Args) == 1 {
		return call.Args[0]
	}
	return nil
}
