package sqltext

import "strings"

// classifyWords classifies a statement that the grammar does not know, by its words.
func classifyWords(stmt string) Class {
	tokens, err := significant(stmt)
	w := words{stmt, tokens}
	c := Class{Transactional: true}
	if err != nil || len(tokens) == 0 {
		return c
	}
	switch w.at(0) {
	case "begin", "start", "commit", "end", "rollback", "abort", "savepoint", "release":
		c.TransactionControl = true
	case "prepare":
		c.TransactionControl = w.at(1) == "transaction"
	case "do", "call":
		c.MayCommit = true
	case "alter":
		c.NewEnumValue = w.at(1) == "type" && w.follows("add", "value")
	case "show":
		c.ReadOnly = true
	case "select", "values", "table", "with":
		c.ReadOnly = !w.any("insert", "update", "delete", "merge", "into", "for")
	}
	c.Transactional = w.transactional()
	return c
}

// words are the tokens of a statement, read as keywords.
type words struct {
	src    string
	tokens []token
}

// at returns the i-th token if it is a word, in lower case, else "".
func (w words) at(i int) string {
	if i < 0 || i >= len(w.tokens) || w.tokens[i].kind != tokenWord {
		return ""
	}
	return strings.ToLower(w.tokens[i].text(w.src))
}

// any tells whether one of the words is a token anywhere.
func (w words) any(wanted ...string) bool {
	for i := range w.tokens {
		for _, x := range wanted {
			if w.at(i) == x {
				return true
			}
		}
	}
	return false
}

// follows tells whether the words stand next to each other somewhere.
func (w words) follows(first, second string) bool {
	for i := range w.tokens {
		if w.at(i) == first && w.at(i+1) == second {
			return true
		}
	}
	return false
}

func (w words) transactional() bool {
	switch w.at(0) {
	case "vacuum":
		return false
	case "create":
		return !(w.at(1) == "database" || w.at(1) == "tablespace" || w.at(1) == "subscription" ||
			(w.at(1) == "index" || w.at(1) == "unique") && w.follows("index", "concurrently"))
	case "drop":
		return !(w.at(1) == "database" || w.at(1) == "tablespace" || w.at(1) == "subscription" ||
			w.at(1) == "index" && w.at(2) == "concurrently")
	case "reindex":
		return !w.any("concurrently", "database", "system", "schema")
	case "alter":
		switch w.at(1) {
		case "system":
			return false
		case "subscription":
			return !w.any("refresh", "publication")
		case "table":
			return !(w.follows("detach", "partition") && w.any("concurrently"))
		}
	case "discard":
		return w.at(1) != "all"
	case "cluster":
		return len(w.tokens) > 1
	}
	return true
}
