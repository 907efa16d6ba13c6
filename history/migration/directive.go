package migration

import (
	"strings"
	"unicode/utf8"
)

// directive is one line of pleat's own words in a file.
type directive struct {
	word string // one of words
	rest string // what follows the word, trimmed, still escaped
	// start and end are the byte offsets of the comment; line and column those of its dashes.
	start, end   int
	line, column int
}

// words are all directives, by the word or words that begin them.
var words = []string{
	"migration", "phase", "contract of", "scope", "beside", "object", "proven", "rehearsed", "forward-only", "destructive", "allow",
	"up", "down", "step", "undo", "check", "no transaction", "batch",
}

// directives finds pleat's lines among the comments of a file and reports those that it cannot read.
func (p *parser) directives() []directive {
	var out []directive
	line, counted := 1, 0
	for _, c := range lineComments(p.text) {
		body, ok := directiveBody(p.text[c.start:c.end])
		if !ok {
			continue
		}
		line += strings.Count(p.text[counted:c.start], "\n")
		counted = c.start
		before := p.text[strings.LastIndexByte(p.text[:c.start], '\n')+1 : c.start]
		d := directive{start: c.start, end: c.end, line: line, column: utf8.RuneCountInString(before) + 1}
		if strings.TrimSpace(before) != "" {
			p.fail(d, "a directive stands on a line of its own", "move it to the next line")
			continue
		}
		d.word, d.rest = cutWord(body)
		if d.word == "" {
			p.unknown(d, body)
			continue
		}
		out = append(out, d)
	}
	return out
}

// directiveBody returns what follows "-- pleat:"; the spaces are optional.
func directiveBody(comment string) (string, bool) {
	body := strings.TrimLeft(strings.TrimPrefix(comment, "--"), " \t")
	body, ok := strings.CutPrefix(body, "pleat:")
	return strings.Trim(body, " \t"), ok
}

func cutWord(body string) (word, rest string) {
	for _, w := range words {
		if after, ok := strings.CutPrefix(body, w); ok && (after == "" || after[0] == ' ' || after[0] == '\t') {
			return w, strings.Trim(after, " \t")
		}
	}
	return "", ""
}

func (p *parser) unknown(d directive, body string) {
	fields := strings.Fields(body)
	if len(fields) == 0 {
		p.fail(d, "a directive without a word", "the words are "+strings.Join(words, ", "))
		return
	}
	hint := ""
	for n := min(2, len(fields)); n > 0 && hint == ""; n-- {
		if s := suggest(strings.ToLower(strings.Join(fields[:n], " ")), words); s != "" {
			hint = "did you mean \"" + s + "\"?"
		}
	}
	if hint == "" {
		hint = "the words are " + strings.Join(words, ", ")
	}
	p.fail(d, "unknown directive \""+oneLine(fields[0])+"\"", hint)
}
