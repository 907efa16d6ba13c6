package sqltext

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pleatdb/pleat/schema"
)

// RenameSchema rewrites a statement so that it says one schema wherever it said another: in qualified names, after the word SCHEMA, in a
// search_path, in constants that name an object ('x.s'::regclass, nextval('x.s')), and in the bodies of functions in SQL and PL/pgSQL.
// Everything else stays as it was written.
//
// The result is right or there is none: every place at which the statement uses the name must be one of these, so that it is an error where
// the name is also that of a table, a column, an alias or a role, or where it stands in another text (dynamic SQL, for example). Where
// the grammar knows the statement, the two parse trees are compared as well.
func RenameSchema(stmt, from, to string) (string, error) {
	r := renamer{from: from, to: to, strings: map[string]string{}}
	out, err := r.text(stmt, true)
	if err != nil {
		return "", fmt.Errorf("say schema %s in the place of %s: %w", schema.Quote(to), schema.Quote(from), err)
	}
	if !r.same(stmt, out) {
		return "", fmt.Errorf("say schema %s in the place of %s: the statement would become another one", schema.Quote(to), schema.Quote(from))
	}
	return out, nil
}

// renamer rewrites one statement.
type renamer struct {
	from, to string
	// strings are the constants that were changed: the old one by the new one.
	strings map[string]string
}

// piece is the replacement of a part of a text.
type piece struct {
	start, end int
	text       string
}

// text rewrites SQL or a body; outer is false for a body.
func (r *renamer) text(src string, outer bool) (string, error) {
	tokens, err := significant(src)
	if err != nil {
		return "", err
	}
	comment := outer && len(tokens) > 0 && tokens[0].word(src, "comment")
	routine := outer && r.definesCode(src, tokens)
	var pieces []piece
	for i, t := range tokens {
		var p *piece
		switch {
		case t.kind == tokenWord || t.kind == tokenQuoted:
			p, err = r.name(src, tokens, i)
		case t.kind != tokenString || comment:
		case routine && strings.HasPrefix(t.text(src), "$"):
			p, err = r.body(src, t)
		default:
			p, err = r.constant(src, tokens, i)
		}
		if err != nil {
			return "", err
		}
		if p != nil {
			pieces = append(pieces, *p)
		}
	}
	for _, p := range slices.Backward(pieces) {
		src = src[:p.start] + p.text + src[p.end:]
	}
	return src, nil
}

// definesCode reports whether a dollar-quoted constant of the statement is a body that is read as SQL or PL/pgSQL.
func (r *renamer) definesCode(src string, tokens []token) bool {
	if len(tokens) == 0 {
		return false
	}
	language := "plpgsql" // DO's own
	for i, t := range tokens[:len(tokens)-1] {
		if t.word(src, "language") {
			language = strings.Trim(identifier(tokens[i+1].text(src)), "'")
		}
	}
	if language != "sql" && language != "plpgsql" {
		return false
	}
	if tokens[0].word(src, "do") {
		return true
	}
	return tokens[0].word(src, "create") && slices.ContainsFunc(tokens[:min(4, len(tokens))], func(t token) bool {
		return t.word(src, "function") || t.word(src, "procedure")
	})
}

// name decides about a word or a quoted name.
func (r *renamer) name(src string, tokens []token, i int) (*piece, error) {
	t := tokens[i]
	if strings.HasPrefix(strings.ToUpper(t.text(src)), `U&"`) {
		return nil, fmt.Errorf("line %d: a name in the form U&\"…\" is not read", lineAt(src, t.start))
	}
	if identifier(t.text(src)) != r.from {
		return nil, nil
	}
	before := func(n int) token {
		if i-n < 0 {
			return token{kind: tokenBad}
		}
		return tokens[i-n]
	}
	switch {
	case i+1 < len(tokens) && tokens[i+1].is(src, '.') && !(i > 0 && before(1).is(src, '.')):
	case i > 0 && before(1).word(src, "schema"):
	case i > 2 && before(1).word(src, "exists") && (before(3).word(src, "schema") || before(4).kind == tokenWord && before(4).word(src, "schema")):
	case inSearchPath(src, tokens, i):
	default:
		return nil, fmt.Errorf("line %d: the name %s is used for something else than the schema, or in a way that cannot be told",
			lineAt(src, t.start), schema.Quote(r.from))
	}
	return &piece{t.start, t.end, schema.Quote(r.to)}, nil
}

// inSearchPath reports whether a token is an element of the list in SET search_path TO a, b.
func inSearchPath(src string, tokens []token, i int) bool {
	for i--; i > 0; i-- {
		t := tokens[i]
		switch {
		case t.word(src, "to"), t.kind == tokenOp && t.text(src) == "=":
			return tokens[i-1].word(src, "search_path")
		case t.is(src, ','), t.kind == tokenWord, t.kind == tokenQuoted, t.kind == tokenString:
		default:
			return false
		}
	}
	return false
}

// body rewrites a dollar-quoted body.
func (r *renamer) body(src string, t token) (*piece, error) {
	text := t.text(src)
	tag := text[:strings.IndexByte(text[1:], '$')+2]
	old := strings.TrimSuffix(strings.TrimPrefix(text, tag), tag)
	if !r.mentions(old) {
		return nil, nil
	}
	out, err := r.text(old, false)
	if err != nil {
		return nil, fmt.Errorf("in the body at line %d: %w", lineAt(src, t.start), err)
	}
	if strings.Contains(out, tag) {
		return nil, fmt.Errorf("line %d: the body would hold its own end %s", lineAt(src, t.start), tag)
	}
	r.strings[out] = old
	return &piece{t.start, t.end, tag + out + tag}, nil
}

// constant decides about a constant that may name an object.
func (r *renamer) constant(src string, tokens []token, i int) (*piece, error) {
	t := tokens[i]
	text := t.text(src)
	if !r.mentions(text) {
		return nil, nil
	}
	unclear := fmt.Errorf("line %d: a text holds the word %s, and whether it means the schema cannot be told", lineAt(src, t.start), schema.Quote(r.from))
	if !strings.HasPrefix(text, "'") {
		return nil, unclear
	}
	old := strings.ReplaceAll(text[1:len(text)-1], "''", "'")
	if inSearchPath(src, tokens, i) && old == r.from {
		r.strings[r.to] = old
		return &piece{t.start, t.end, schema.Literal(r.to)}, nil
	}
	parts, ok := splitName(old)
	if !ok || len(parts) != 2 || parts[0] != r.from || !namesObject(src, tokens, i) {
		return nil, unclear
	}
	out := schema.Quote(r.to) + "." + schema.Quote(parts[1])
	r.strings[out] = old
	return &piece{t.start, t.end, schema.Literal(out)}, nil
}

// namesObject reports whether a constant is cast to regclass, or is the argument of a function that takes one.
func namesObject(src string, tokens []token, i int) bool {
	if i+2 < len(tokens) && tokens[i+1].kind == tokenOp && tokens[i+1].text(src) == "::" {
		last := tokens[i+2]
		if i+4 < len(tokens) && last.word(src, "pg_catalog") && tokens[i+3].is(src, '.') {
			last = tokens[i+4]
		}
		return last.word(src, "regclass")
	}
	if i < 2 || !tokens[i-1].is(src, '(') {
		return false
	}
	return slices.ContainsFunc([]string{"nextval", "currval", "setval", "to_regclass"}, func(f string) bool { return tokens[i-2].word(src, f) })
}

// mentions reports whether a text holds the name as a word of its own, in any letter case and however its quotes are written.
func (r *renamer) mentions(text string) bool {
	quotes := strings.NewReplacer(`"`, "", "'", "")
	low, name := strings.ToLower(text), strings.ToLower(r.from)
	if quotes.Replace(name) != name {
		low, name = quotes.Replace(low), quotes.Replace(name)
	}
	for at := 0; name != ""; {
		i := strings.Index(low[at:], name)
		if i < 0 {
			return false
		}
		i += at
		end := i + len(name)
		if (i == 0 || !isIdentPart(low[i-1])) && (end == len(low) || !isIdentPart(low[end])) {
			return true
		}
		at = i + 1
	}
	return true
}

// identifier is the name that a word or a quoted name stands for.
func identifier(text string) string {
	if strings.HasPrefix(text, `"`) && len(text) > 1 {
		return strings.ReplaceAll(text[1:len(text)-1], `""`, `"`)
	}
	return strings.ToLower(text)
}
