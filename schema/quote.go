package schema

import "strings"

// Quote writes a name as an SQL identifier, quoted where PostgreSQL's quote_ident would quote
// it or where an unquoted word could be read as a keyword. More quotes than needed never change the meaning.
func Quote(name string) string {
	if isPlain(name) && !isReserved(name) {
		return name
	}
	return `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
}

// Qualified writes a schema-qualified SQL identifier; without a schema just the quoted name.
func Qualified(namespace, name string) string {
	if namespace == "" {
		return Quote(name)
	}
	return Quote(namespace) + "." + Quote(name)
}

// QuoteAll quotes each name and joins them with commas, as column lists want it.
func QuoteAll(names []string) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = Quote(n)
	}
	return strings.Join(quoted, ", ")
}

// Literal writes a string constant that reads the same whatever standard_conforming_strings
// says: a backslash makes it an E” literal, as quote_literal does.
func Literal(s string) string {
	quoted := "'" + strings.ReplaceAll(s, "'", "''") + "'"
	if strings.Contains(s, `\`) {
		return "E" + strings.ReplaceAll(quoted, `\`, `\\`)
	}
	return quoted
}

// DollarQuote writes a body between dollar quotes whose tag does not occur in it.
func DollarQuote(body string) string {
	tag := "$$"
	for i := 0; strings.Contains(body+"$", tag); i++ {
		tag = "$pleat" + strings.Repeat("_", i) + "$"
	}
	return tag + body + tag
}

func isPlain(name string) bool {
	if name == "" {
		return false
	}
	for i := 0; i < len(name); i++ {
		c := name[i]
		letter := c >= 'a' && c <= 'z' || c == '_'
		digit := c >= '0' && c <= '9'
		if !letter && (!digit || i == 0) {
			return false
		}
	}
	return true
}
