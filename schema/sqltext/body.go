package sqltext

import (
	"encoding/json"
	"strings"

	pgquery "github.com/pganalyze/pg_query_go/v5"
)

// function goes into the body of CREATE FUNCTION that is given as a string.
func (c *collector) function(f *pgquery.CreateFunctionStmt, sql string) {
	if f.SqlBody != nil {
		return // part of the tree
	}
	language := option(f.Options, "language").GetArg().GetString_().GetSval()
	source := strs(option(f.Options, "as").GetArg().GetList().GetItems())
	if len(source) == 0 {
		return
	}
	c.body(language, source[0], sql)
}

// do goes into the body of DO.
func (c *collector) do(d *pgquery.DoStmt) {
	language := option(d.Args, "language").GetArg().GetString_().GetSval()
	if language == "" {
		language = "plpgsql"
	}
	c.body(language, option(d.Args, "as").GetArg().GetString_().GetSval(), "")
}

// body goes into a function's body. statement is the whole CREATE FUNCTION, which tells the
// arguments, or empty.
func (c *collector) body(language, body, statement string) {
	switch strings.ToLower(language) {
	case "sql":
		c.script(body)
	case "plpgsql":
		c.plpgsql(body, statement)
	case "c", "internal":
	default:
		c.refs.Complete = false
	}
}

// plpgsql takes the expressions and types of a body from the parser of PL/pgSQL. Where that fails, as
// it does for an assignment to an argument that a bare body does not declare, the statements are
// read one by one.
func (c *collector) plpgsql(body, statement string) {
	if statement == "" {
		statement = "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS " + quote(body)
	}
	tree, err := parseBody(statement)
	if err != nil {
		c.refs.Complete = false
		c.loose(body)
		return
	}
	c.node(tree)
}

// parseBody returns the tree of a CREATE FUNCTION in plpgsql as decoded JSON.
func parseBody(statement string) (tree any, err error) {
	if tooDeep(statement) {
		return nil, errTooDeep
	}
	turn.Lock()
	defer turn.Unlock()
	text, err := pgquery.ParsePlPgSqlToJSON(statement)
	if err != nil {
		return nil, err
	}
	return tree, json.Unmarshal([]byte(text), &tree)
}

// node walks the JSON tree of a body.
func (c *collector) node(tree any) {
	switch n := tree.(type) {
	case []any:
		for _, e := range n {
			c.node(e)
		}
	case map[string]any:
		for key, value := range n {
			switch key {
			case "PLpgSQL_expr":
				fields, _ := value.(map[string]any)
				query, _ := fields["query"].(string)
				c.embedded(query)
			case "PLpgSQL_type":
				fields, _ := value.(map[string]any)
				name, _ := fields["typname"].(string)
				c.declared(name)
			case "PLpgSQL_stmt_dynexecute", "PLpgSQL_stmt_dynfors", "dynquery":
				c.refs.Complete = false
			}
			c.node(value)
		}
	}
}

// embedded goes into the text of an expression, an assignment or a statement inside a body.
func (c *collector) embedded(text string) {
	if stmts, err := parse(text); err == nil {
		for _, s := range stmts {
			c.visit(s.Stmt.ProtoReflect(), &scope{})
		}
		return
	}
	if target, value, ok := assignment(text); ok {
		if !strings.ContainsAny(target, "(") {
			c.expression(value)
			return
		}
	}
	c.expression(text)
}

// assignment cuts target := value.
func assignment(text string) (target, value string, ok bool) {
	tokens, err := significant(text)
	if err != nil {
		return "", "", false
	}
	for _, t := range tokens {
		if op := t.text(text); t.kind == tokenOp && (op == ":=" || op == "=") {
			return text[:t.start], text[t.end:], true
		}
	}
	return "", "", false
}

// declared goes into the type of a variable. UNKNOWN and the parser's own types are no names.
func (c *collector) declared(name string) {
	name = strings.TrimSpace(name)
	base, row := strings.CutSuffix(strings.ToUpper(name), "%ROWTYPE")
	if name == "" || strings.EqualFold(name, "unknown") {
		return
	}
	if row {
		if parts, ok := splitName(name[:len(base)]); ok {
			add(&c.refs.Relations, nameOf(parts))
		}
		return
	}
	stmts, err := parse("CREATE FUNCTION f(" + name + ") RETURNS void LANGUAGE c")
	if err != nil || len(stmts) != 1 {
		return
	}
	for _, p := range stmts[0].Stmt.GetCreateFunctionStmt().GetParameters() {
		c.typeName(p.GetFunctionParameter().GetArgType())
	}
}

// loose reads what it can of a body: each piece between semicolons and block keywords that the
// grammar knows as a statement.
func (c *collector) loose(body string) {
	tokens, err := significant(body)
	if err != nil {
		return
	}
	start := 0
	flush := func(end int) {
		if piece := strings.TrimSpace(body[start:max(start, end)]); piece != "" {
			c.embedded(loopQuery(piece))
		}
	}
	for _, t := range tokens {
		if t.is(body, ';') || t.kind == tokenWord && blockWords[strings.ToLower(t.text(body))] {
			flush(t.start)
			start = t.end
		}
	}
	flush(len(body))
}

// loopQuery returns the query of FOR variable IN query, or the piece itself.
func loopQuery(piece string) string {
	tokens, err := significant(piece)
	if err != nil || len(tokens) < 4 || !tokens[0].word(piece, "for") {
		return piece
	}
	for _, t := range tokens[:min(len(tokens), 8)] {
		if t.word(piece, "in") {
			return piece[t.end:]
		}
	}
	return piece
}

// blockWords are the words of PL/pgSQL after or before which an expression or a statement stands.
var blockWords = map[string]bool{
	"begin": true, "declare": true, "then": true, "else": true, "loop": true, "if": true, "elsif": true,
	"while": true, "return": true, "query": true, "perform": true, "exception": true, "execute": true,
}

// quote writes a string constant.
func quote(s string) string {
	quoted := "'" + strings.ReplaceAll(s, "'", "''") + "'"
	if strings.Contains(s, `\`) {
		return "E" + strings.ReplaceAll(quoted, `\`, `\\`)
	}
	return quoted
}
