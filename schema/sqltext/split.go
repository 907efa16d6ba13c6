package sqltext

import "strings"

// Statement is one statement of a script.
type Statement struct {
	// SQL runs from the statement's first token to its last, without the semicolon.
	// Comments between tokens are kept.
	SQL string
	// Leading is the text between the end of the statement before (its semicolon
	// included there) and the first token: white space and comments.
	Leading string
	// Start and End are the byte offsets of SQL in the script.
	Start, End int
	// Line is the 1-based line of Start.
	Line int
}

const byteOrderMark = "\ufeff"

// Split cuts a script into its statements. It needs no grammar, so it takes syntax of
// any PostgreSQL version: semicolons count outside of literals, comments, parentheses
// and BEGIN ATOMIC bodies. Strings are read with standard_conforming_strings on.
// A byte order mark at the start is skipped. Empty statements are left out.
//
// The error is a *SyntaxError where a literal or a comment has no end, and an
// *UnsupportedError for what only psql can run.
func Split(text string) ([]Statement, error) {
	p := splitter{src: text, scanner: scanner{src: text}, line: 1}
	if strings.HasPrefix(text, byteOrderMark) {
		p.scanner.pos = len(byteOrderMark)
	}
	for {
		t, ok, err := p.scanner.next()
		if err != nil {
			return nil, err
		}
		if !ok {
			return p.statements, p.finish()
		}
		if err := p.take(t); err != nil {
			return nil, err
		}
	}
}

// splitter gathers the tokens of the statement that is being read.
type splitter struct {
	src        string
	scanner    scanner
	statements []Statement
	tokens     []token // of the current statement, without comments
	after      int     // offset after the previous statement's semicolon
	parens     int
	atomic     int // depth of BEGIN ATOMIC and of CASE inside it
	counted    int // offset up to which line counted the lines
	line       int
}

func (p *splitter) take(t token) error {
	switch {
	case t.kind == tokenComment:
		return nil
	case t.kind == tokenBad && p.src[t.start] == '\\':
		name := metaCommand(p.src[t.start:])
		return &UnsupportedError{Line: lineAt(p.src, t.start), Name: name, Start: t.start, End: t.start + len(name)}
	case t.kind == tokenBad && p.src[t.start] == 0:
		return &SyntaxError{Line: lineAt(p.src, t.start), What: "NUL byte"}
	case t.is(p.src, ';') && p.parens == 0 && p.atomic == 0:
		err := p.finish()
		p.after = t.end
		return err
	case t.is(p.src, '('):
		p.parens++
	case t.is(p.src, ')') && p.parens > 0:
		p.parens--
	case t.kind == tokenWord && p.parens == 0:
		p.nest(t)
	}
	p.tokens = append(p.tokens, t)
	return nil
}

// nest follows BEGIN ATOMIC … END, whose semicolons do not end the statement.
// A keyword used as a label (AS end) or as a field (x.end) does not count.
func (p *splitter) nest(t token) {
	n := len(p.tokens)
	if n == 0 {
		return
	}
	before := p.tokens[n-1]
	if before.word(p.src, "as") || before.is(p.src, '.') {
		return
	}
	switch {
	case t.word(p.src, "atomic"):
		if p.atomic == 0 && before.word(p.src, "begin") && p.tokens[0].word(p.src, "create") {
			p.atomic = 1
		}
	case t.word(p.src, "case") && p.atomic > 0:
		p.atomic++
	case t.word(p.src, "end") && p.atomic > 0:
		p.atomic--
	}
}

// finish ends the current statement.
func (p *splitter) finish() error {
	n := len(p.tokens)
	if n == 0 {
		return nil
	}
	start, end := p.tokens[0].start, p.tokens[n-1].end
	p.line += strings.Count(p.src[p.counted:start], "\n")
	p.counted = start
	if copiesFromClient(p.src, p.tokens) {
		return &UnsupportedError{Line: p.line, Name: "COPY FROM STDIN", Start: start, End: end}
	}
	p.statements = append(p.statements, Statement{
		SQL: p.src[start:end], Leading: p.src[p.after:start], Start: start, End: end, Line: p.line,
	})
	p.tokens, p.parens, p.atomic = p.tokens[:0], 0, 0
	return nil
}

// copiesFromClient tells whether the tokens are COPY … FROM STDIN.
func copiesFromClient(src string, tokens []token) bool {
	if !tokens[0].word(src, "copy") {
		return false
	}
	depth := 0
	for i := 1; i+1 < len(tokens); i++ {
		switch t := tokens[i]; {
		case t.is(src, '('):
			depth++
		case t.is(src, ')'):
			depth--
		case depth == 0 && t.word(src, "from"):
			return tokens[i+1].word(src, "stdin")
		}
	}
	return false
}

// metaCommand returns the name of the psql command that text starts with.
func metaCommand(text string) string {
	end := 1
	for end < len(text) && !isSpace(text[end]) && text[end] != '\\' {
		end++
	}
	if end == 1 && len(text) > 1 && text[1] == '\\' {
		end = 2
	}
	return text[:end]
}
