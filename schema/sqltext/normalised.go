package sqltext

import (
	"strings"

	pgquery "github.com/pganalyze/pg_query_go/v5"
)

// Recorded is what can be done with a statement that pg_stat_statements recorded.
type Recorded int

const (
	// RecordedUtility works on no columns that a query could miss: SET, VACUUM, DDL, transaction control.
	RecordedUtility Recorded = iota
	// RecordedQuery can be prepared: the server resolves its names without running it.
	RecordedQuery
	// RecordedOpaque holds statements that only running it would resolve, as DO does.
	RecordedOpaque
)

// literalTypes are the types whose constants have a form with the type's name in front, as in INTERVAL '1 day', of which
// pg_stat_statements leaves interval $1, which is no SQL (src/backend/parser/gram.y, AexprConst, 13 to 18).
var literalTypes = map[string]bool{
	"interval": true, "date": true, "time": true, "timestamp": true, "timestamptz": true, "timetz": true, "bool": true, "boolean": true,
	"json": true, "jsonb": true, "uuid": true, "inet": true, "cidr": true, "text": true, "varchar": true, "bytea": true, "int": true,
	"integer": true, "bigint": true, "smallint": true, "numeric": true, "decimal": true, "float": true, "real": true, "int2": true,
	"int4": true, "int8": true, "float4": true, "float8": true, "bit": true, "point": true, "box": true, "regclass": true,
}

// Normalised gives a statement of pg_stat_statements, in which $1 stands for each constant, a form that can be prepared, and
// says what can be done with it. The major version is that of the server that will prepare it. Of PREPARE and COPY
// it is the query inside, as the server resolves their names only when they run.
func Normalised(text string, major int) (string, Recorded) {
	text = repaired(text, major)
	node := parseOne(text)
	if node == nil {
		return text, RecordedQuery
	}
	switch n := node.Node.(type) {
	case *pgquery.Node_SelectStmt, *pgquery.Node_InsertStmt, *pgquery.Node_UpdateStmt, *pgquery.Node_DeleteStmt, *pgquery.Node_MergeStmt,
		*pgquery.Node_DeclareCursorStmt, *pgquery.Node_ExplainStmt, *pgquery.Node_CreateTableAsStmt, *pgquery.Node_CallStmt:
		return text, RecordedQuery
	case *pgquery.Node_PrepareStmt:
		return innerQuery(n.PrepareStmt.Query)
	case *pgquery.Node_CopyStmt:
		return copied(n.CopyStmt)
	case *pgquery.Node_DoStmt:
		return text, RecordedOpaque
	}
	return text, RecordedUtility
}

// innerQuery writes a query that stands inside a statement.
func innerQuery(query *pgquery.Node) (string, Recorded) {
	turn.Lock()
	defer turn.Unlock()
	text, err := pgquery.Deparse(&pgquery.ParseResult{Stmts: []*pgquery.RawStmt{{Stmt: query}}})
	if err != nil {
		return "", RecordedOpaque
	}
	return text, RecordedQuery
}

// copied is a query that names what COPY names.
func copied(c *pgquery.CopyStmt) (string, Recorded) {
	if c.Relation == nil {
		return innerQuery(c.Query)
	}
	columns := "*"
	if names := strs(c.Attlist); len(names) > 0 {
		for i, name := range names {
			names[i] = quotedName(name)
		}
		columns = strings.Join(names, ", ")
	}
	relation := quotedName(c.Relation.Relname)
	if c.Relation.Schemaname != "" {
		relation = quotedName(c.Relation.Schemaname) + "." + relation
	}
	return "SELECT " + columns + " FROM " + relation, RecordedQuery
}

func quotedName(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// repaired mends what the replacement of constants by $1 broke.
func repaired(text string, major int) string {
	tokens, err := significant(text)
	if err != nil {
		return text
	}
	var b strings.Builder
	done := 0
	put := func(upto int, insert string, from int) {
		b.WriteString(text[done:upto])
		b.WriteString(insert)
		done = from
	}
	for i, t := range tokens {
		if t.kind != tokenParam {
			continue
		}
		if start, name := typeBefore(text, tokens[:i]); start >= 0 {
			put(start, t.text(text)+"::"+name, t.end)
			continue
		}
		// EXTRACT($1 FROM x): the field is a constant too, and a function of that name takes it as its first argument.
		if i >= 2 && i+1 < len(tokens) && tokens[i-2].word(text, "extract") && tokens[i-1].is(text, '(') && tokens[i+1].word(text, "from") {
			function := `pg_catalog."extract"(`
			if major < 14 {
				function = "pg_catalog.date_part("
			}
			put(tokens[i-2].start, function+t.text(text)+",", tokens[i+1].end)
		}
	}
	b.WriteString(text[done:])
	return b.String()
}

// typeBefore finds the name of a type that stands directly before a constant, and where it starts; -1 where there is none.
func typeBefore(text string, before []token) (start int, name string) {
	i := len(before) - 1
	// timestamp with time zone
	if i >= 3 && before[i].word(text, "zone") && before[i-1].word(text, "time") {
		i -= 3
	} else if i >= 3 && before[i].is(text, ')') && before[i-1].kind == tokenNumber && before[i-2].is(text, '(') {
		i -= 3
	} else if i >= 1 && before[i].word(text, "precision") && before[i-1].word(text, "double") {
		i--
	} else if i < 0 || !literalTypes[strings.ToLower(before[i].text(text))] {
		return -1, ""
	}
	first := before[i]
	word := strings.ToLower(first.text(text))
	if first.kind != tokenWord || !literalTypes[word] && word != "double" {
		return -1, ""
	}
	// x::date $1 and AS date $1 are no SQL either way; a name before it would make it a column.
	if i > 0 && (before[i-1].text(text) == "::" || before[i-1].is(text, '.')) {
		return -1, ""
	}
	return first.start, text[first.start:before[len(before)-1].end]
}
