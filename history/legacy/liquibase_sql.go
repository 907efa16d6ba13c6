package legacy

import (
	"strconv"
	"strings"
)

// formatted reads a changelog in SQL line by line, as Liquibase does: its marks count wherever they stand.
type formatted struct {
	out     *changelog
	file    string
	set     *changeSet
	body    block
	back    block
	lines   []string
	at      int
	logical string
}

// block gathers lines at their places: lines that are left out in between become empty ones.
type block struct {
	first, last int // from 1; 0 where there is none
	text        strings.Builder
}

func (b *block) add(at int, line string) {
	if b.first == 0 {
		if strings.TrimSpace(line) == "" {
			return
		}
		b.first, b.last = at, at
	}
	for ; b.last < at; b.last++ {
		b.text.WriteByte('\n')
	}
	b.text.WriteString(line)
}

// mark is what stands behind the dashes of a comment line that may be Liquibase's; indented ones count only for some words.
func mark(line string) (body string, indented, ok bool) {
	trimmed := strings.TrimLeft(line, " \t")
	body, ok = strings.CutPrefix(trimmed, "--")
	return strings.TrimLeft(body, " \t"), trimmed != line, ok
}

// wordOf cuts a word off the front, in any case; what follows must not go on with a letter.
func wordOf(body, word string) (rest string, ok bool) {
	if len(body) < len(word) || !strings.EqualFold(body[:len(word)], word) {
		return "", false
	}
	rest = body[len(word):]
	if rest != "" && (rest[0] >= 'a' && rest[0] <= 'z' || rest[0] >= 'A' && rest[0] <= 'Z') {
		return "", false
	}
	return rest, true
}

// formattedHead finds the line that says that a file is a changelog; blank lines may stand before it.
func formattedHead(text string) (rest string, ok bool) {
	for line := range strings.Lines(text) {
		if strings.TrimSpace(line) == "" {
			continue
		}
		body, _, ok := mark(line)
		if !ok {
			return "", false
		}
		if body, ok = wordOf(body, "liquibase"); !ok {
			return "", false
		}
		return wordOf(strings.TrimSpace(body), "formatted")
	}
	return "", false
}

// formattedSQL reads a changelog in SQL; nil where the file does not say that it is one.
func formattedSQL(file, text string) *changelog {
	head, ok := formattedHead(text)
	if !ok {
		return nil
	}
	p := &formatted{out: &changelog{file: file}, file: file, lines: strings.Split(text, "\n"), logical: attributes(head)["logicalfilepath"]}
	for p.at = 1; p.at <= len(p.lines); p.at++ {
		p.line(strings.TrimSuffix(p.lines[p.at-1], "\r"))
	}
	p.finish()
	return p.out
}

func (p *formatted) line(line string) {
	body, indented, marked := mark(line)
	if rest, ok := wordOf(body, "property"); marked && ok && strings.Count(rest, ":") > 1 {
		a := attributes(strings.ReplaceAll(rest, ": ", ":"))
		p.out.steps = append(p.out.steps, step{property: &property{name: a["name"], value: a["value"], dbms: a["dbms"], file: p.file, local: a["global"] == "false"}})
		return
	}
	if rest, ok := wordOf(body, "ignorelines"); marked && !indented && ok && strings.HasPrefix(rest, ":") {
		p.ignore(strings.TrimSpace(rest[1:]))
		return
	}
	if rest, ok := wordOf(body, "changeset"); marked && ok {
		if s := p.begin(rest); s != nil {
			p.finish()
			p.set = s
			return
		}
	}
	if p.set == nil || marked && p.attribute(body, indented) || p.rollbackBlock(line) {
		return
	}
	p.body.add(p.at, line)
}

// ignore passes over a number of lines, or all until the end is said.
func (p *formatted) ignore(what string) {
	if n, err := strconv.Atoi(what); err == nil {
		p.at += max(0, n)
		return
	}
	if !strings.EqualFold(what, "start") {
		return
	}
	for p.at++; p.at <= len(p.lines); p.at++ {
		body, _, ok := mark(p.lines[p.at-1])
		if rest, is := wordOf(body, "ignorelines"); ok && is && strings.EqualFold(strings.Trim(rest, ": \t\r"), "end") {
			return
		}
	}
}

// begin reads "AUTHOR:ID ATTRIBUTES"; nil where the line has another form.
func (p *formatted) begin(rest string) *changeSet {
	if rest == "" || rest[0] != ' ' && rest[0] != '\t' {
		return nil
	}
	author, rest, ok := word(strings.TrimSpace(rest), ':')
	if !ok {
		return nil
	}
	id, rest, _ := word(strings.TrimSpace(rest), ' ')
	if id == "" {
		return nil
	}
	a := attributes(rest)
	s := &changeSet{id: id, author: strings.TrimSpace(author), file: p.file, logical: p.logical, dbms: a["dbms"], context: a["context"] + a["contextfilter"], labels: a["labels"]}
	if a["logicalfilepath"] != "" {
		s.logical = a["logicalfilepath"]
	}
	s.onChange, s.always, s.ignored = isTrue(a["runonchange"]), isTrue(a["runalways"]), isTrue(a["ignore"])
	s.alone = strings.EqualFold(a["runintransaction"], "false")
	s.changes = []change{{kind: "sql", end: a["enddelimiter"], split: truth(a["splitstatements"], ""), strip: truth(a["stripcomments"], "true")}}
	s.down = change{kind: "sql", end: a["rollbackenddelimiter"]}
	return s
}

func isTrue(text string) bool { return strings.EqualFold(text, "true") }

// truth is a truth value as Java prints it.
func truth(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return strconv.FormatBool(isTrue(text))
}

// word reads up to a sign; in quotes the sign may be part of it.
func word(text string, end byte) (out, rest string, ok bool) {
	if strings.HasPrefix(text, `"`) {
		if out, rest, ok = strings.Cut(text[1:], `"`); ok {
			after := strings.TrimLeft(rest, " \t")
			tail, found := strings.CutPrefix(after, string(end))
			return out, tail, found || end == ' '
		}
	}
	if end == ' ' {
		i := strings.IndexAny(text, " \t")
		if i < 0 {
			return text, "", true
		}
		return text[:i], text[i:], true
	}
	return strings.Cut(text, string(end))
}

// attributes reads KEY:VALUE and KEY:"VALUE"; keys are in lower case.
func attributes(text string) map[string]string {
	out := map[string]string{}
	for text = strings.TrimSpace(text); text != ""; text = strings.TrimSpace(text) {
		end := strings.IndexAny(text, ": \t")
		if end < 0 {
			break
		}
		key := strings.ToLower(text[:end])
		if text[end] != ':' {
			text = text[end:]
			continue
		}
		value, rest, _ := word(text[end+1:], ' ')
		if _, there := out[key]; !there {
			out[key] = value
		}
		text = rest
	}
	return out
}

// attribute takes a line that is about the changeset and no SQL of it.
func (p *formatted) attribute(body string, indented bool) bool {
	if rest, ok := wordOf(body, "rollback"); ok && (strings.HasPrefix(rest, " ") || strings.HasPrefix(rest, "\t")) {
		p.back.add(p.at, rest[1:])
		return true
	}
	if _, ok := wordOf(body, "preconditions"); ok {
		p.set.guarded = true
		return true
	}
	if rest, ok := wordOf(body, "precondition"); ok && strings.HasPrefix(rest, "-") {
		p.set.guarded = true
		return true
	}
	if indented {
		return false
	}
	if rest, ok := wordOf(body, "comment"); ok {
		if text, spaced := strings.CutPrefix(strings.TrimPrefix(rest, ":"), " "); spaced {
			p.set.comment = strings.TrimSpace(text)
			return true
		}
	}
	if rest, ok := wordOf(body, "validchecksum"); ok {
		p.set.valid = append(p.set.valid, strings.Fields(strings.TrimPrefix(rest, ":"))...)
		return true
	}
	return false
}

// rollbackBlock takes a comment of several lines that begins with "liquibase rollback".
func (p *formatted) rollbackBlock(line string) bool {
	head, ok := strings.CutPrefix(strings.TrimSpace(line), "/*")
	if !ok || !strings.EqualFold(strings.Join(strings.Fields(head), " "), "liquibase rollback") {
		return false
	}
	for p.at++; p.at <= len(p.lines); p.at++ {
		before, _, ends := strings.Cut(p.lines[p.at-1], "*/")
		p.back.add(p.at, strings.TrimSuffix(before, "\r"))
		if ends {
			break
		}
	}
	return true
}

// finish ends the changeset that is being read.
func (p *formatted) finish() {
	if s := p.set; s != nil {
		s.changes[0].text, s.changes[0].line = p.body.text.String(), max(1, p.body.first)
		if text := p.back.text.String(); !noWayBack(text) {
			s.down.text, s.down.line = text, p.back.first
		}
		p.out.steps = append(p.out.steps, step{set: s})
	}
	p.set, p.body, p.back = nil, block{}, block{}
}

// noWayBack reports whether a rollback is none of its own: it says so, or it names another changeset.
func noWayBack(text string) bool {
	text = strings.ToLower(strings.TrimSpace(text))
	return text == "" || text == "empty" || strings.HasPrefix(text, "not required") || strings.HasPrefix(text, "changesetid:") || strings.HasPrefix(text, "changesetpath:")
}
