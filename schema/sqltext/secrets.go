package sqltext

import (
	"slices"
	"strings"
)

// Hidden stands in the place of a secret. It is at home in every kind of quotes, and its length says nothing.
const Hidden = "********"

// Secret is a password in a script, as the byte range in which it stands there.
type Secret struct {
	Start, End int
	// Value is the password itself, without the escapes of the literals around it.
	Value string
	// Line is the 1-based line of Start.
	Line int
}

// Secrets finds the passwords that stand in a script: PASSWORD '…' (of roles), the options password and sslpassword (of user mappings),
// and the passwords of connection strings and URLs in any literal (subscriptions, dblink), also inside the bodies of functions and DO
// and inside of SQL in literals. It does not know what an expression gives: format('… %L', 'x') hides its x from it.
func Secrets(text string) []Secret {
	f := secretFinder{src: text}
	f.script(text, places{}, 0)
	slices.SortFunc(f.found, func(a, b Secret) int { return a.Start - b.Start })
	return f.found
}

// MaskSecrets replaces the passwords that Secrets finds with [Hidden]. What it gives is masked already when it is given again.
func MaskSecrets(text string) string {
	found := Secrets(text)
	if len(found) == 0 {
		return text
	}
	var out strings.Builder
	at := 0
	for _, s := range found {
		if s.Start < at {
			continue
		}
		out.WriteString(text[at:s.Start] + Hidden)
		at = s.End
	}
	return out.String() + text[at:]
}

// SecretValues are the passwords of a script that can be masked by value in other texts, such as an error that quotes the script, in the
// spellings in which they stand there. Those of less than four bytes are left out, as masking them would take words apart, and so is
// one that stands in the script as something else too, such as the name of its role: it is no secret, and people need the name.
func SecretValues(text string) (values []string) {
	const least = 4
	found := Secrets(text)
	if len(found) == 0 {
		return nil
	}
	rest := strings.ToLower(MaskSecrets(text))
	for _, s := range found {
		if len(s.Value) < least || strings.Contains(rest, strings.ToLower(s.Value)) {
			continue
		}
		for _, spelling := range []string{text[s.Start:s.End], s.Value, strings.ReplaceAll(s.Value, "'", "''")} {
			if !slices.Contains(values, spelling) {
				values = append(values, spelling)
			}
		}
	}
	return values
}

// places say where in the source the bytes of a text are: one after the other from base on, or each at its own place, with that of the end.
type places struct {
	base int
	each []int
}

func (p places) of(i int) int {
	if p.each == nil {
		return p.base + i
	}
	return p.each[i]
}

// from is of what is left of the text after n bytes.
func (p places) from(n int) places {
	if p.each == nil {
		return places{base: p.base + n}
	}
	return places{each: p.each[n:]}
}

type secretFinder struct {
	src   string
	found []Secret
}

// deepestLiteral is how far literals inside of literals are looked into.
const deepestLiteral = 4

// script looks through SQL.
func (f *secretFinder) script(text string, at places, depth int) {
	if depth > deepestLiteral || !mayHoldSecret(text) {
		return
	}
	s := scanner{src: text}
	var before token
	for known := false; ; {
		t, ok, err := s.next()
		if err != nil {
			// A literal without an end goes to the end of the text.
			f.constant(text[t.start:], at.from(t.start), known && namesSecret(before.text(text), before.kind), depth)
			return
		}
		if !ok {
			return
		}
		switch t.kind {
		case tokenComment:
			f.text(t.text(text), at.from(t.start))
			continue
		case tokenString:
			f.constant(t.text(text), at.from(t.start), known && namesSecret(before.text(text), before.kind), depth)
		}
		before, known = t, true
	}
}

// constant looks at a string constant, all of which is a secret or may hold one.
func (f *secretFinder) constant(literal string, at places, secret bool, depth int) {
	content, inner := contentOf(literal, at)
	if secret {
		f.add(inner.of(0), inner.of(len(content)), content)
		return
	}
	f.literal(content, inner, depth+1)
}

// literal looks at the content of a literal: a connection string, a URL, or SQL.
func (f *secretFinder) literal(content string, at places, depth int) {
	if !mayHoldSecret(content) {
		return
	}
	if f.conninfo(content, at) {
		return
	}
	n := len(f.found)
	f.text(content, at)
	if len(f.found) == n {
		f.script(content, at, depth)
	}
}

// mayHoldSecret is a quick no.
func mayHoldSecret(text string) bool {
	return strings.Contains(text, "://") || strings.Contains(strings.ToLower(text), "password")
}

// namesSecret reports whether the token before a literal says that it is a password.
func namesSecret(text string, kind tokenKind) bool {
	if kind == tokenQuoted {
		text = strings.Trim(text, `"`)
	} else if kind != tokenWord {
		return false
	}
	return strings.EqualFold(text, "password") || strings.EqualFold(text, "sslpassword")
}

func (f *secretFinder) add(start, end int, value string) {
	if value != "" && value != Hidden {
		f.found = append(f.found, Secret{start, end, value, lineAt(f.src, start)})
	}
}

// text looks for scheme://user:password@host.
func (f *secretFinder) text(text string, at places) {
	for from := 0; ; {
		i := strings.Index(text[from:], "://")
		if i < 0 {
			return
		}
		from += i + len("://")
		word := text[from:]
		if n := strings.IndexAny(word, "/?# \t\r\n\"'<>`"); n >= 0 { // as libpq ends user and password
			word = word[:n]
		}
		colon, end := strings.IndexByte(word, ':'), strings.LastIndexByte(word, '@')
		if colon >= 0 && end > colon+1 {
			f.add(at.of(from+colon+1), at.of(from+end), word[colon+1:end])
		}
	}
}

// conninfo reads libpq's key = 'value' form, and reports whether the text is nothing else.
func (f *secretFinder) conninfo(text string, at places) bool {
	type pair struct {
		key, value string
		start, end int
	}
	var pairs []pair
	i := 0
	skip := func() {
		for i < len(text) && isSpace(text[i]) {
			i++
		}
	}
	for skip(); i < len(text); skip() {
		begin := i
		for i < len(text) && isIdentPart(text[i]) {
			i++
		}
		key := text[begin:i]
		if skip(); key == "" || i == len(text) || text[i] != '=' {
			return false
		}
		i++
		skip()
		value, start, end := conninfoValue(text, i)
		i = end
		if start > begin && start <= len(text) && end > start && text[start-1] == '\'' {
			end-- // its closing quote
		}
		pairs = append(pairs, pair{strings.ToLower(key), value, start, end})
	}
	for _, p := range pairs {
		if p.key == "password" || p.key == "sslpassword" {
			f.add(at.of(p.start), at.of(max(p.end, p.start)), p.value)
		}
	}
	return len(pairs) > 0
}

// conninfoValue reads a value: in quotes, or up to white space; a backslash takes the next byte as it is. start is behind the
// opening quote, end behind the closing one.
func conninfoValue(text string, i int) (value string, start, end int) {
	quoted := i < len(text) && text[i] == '\''
	if quoted {
		i++
	}
	start = i
	var out strings.Builder
	for ; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\' && i+1 < len(text):
			i++
			out.WriteByte(text[i])
		case quoted && c == '\'':
			return out.String(), start, i + 1
		case !quoted && isSpace(c):
			return out.String(), start, i
		default:
			out.WriteByte(c)
		}
	}
	return out.String(), start, len(text)
}

// contentOf is what a string constant says, with the place of each of its bytes and of its end.
func contentOf(literal string, at places) (content string, inner places) {
	if strings.HasPrefix(literal, "$") {
		n := strings.IndexByte(literal[1:], '$') + 2
		if n < 2 || len(literal) < 2*n {
			return literal, at
		}
		return literal[n : len(literal)-n], at.from(n)
	}
	open := strings.IndexByte(literal, '\'')
	if open < 0 {
		return literal, at
	}
	escapes := open > 0 && literal[0]|0x20 == 'e'
	var out strings.Builder
	i := open + 1
	for ; i < len(literal); i++ {
		c := literal[i]
		if c == '\'' && (i+1 == len(literal) || literal[i+1] != '\'') {
			more := scanner{src: literal, pos: i + 1}
			if !more.continued() {
				break
			}
			i = more.pos - 1
			continue
		}
		if (c == '\'' || c == '\\' && escapes) && i+1 < len(literal) {
			inner.each = append(inner.each, at.of(i))
			i++
			out.WriteByte(literal[i])
			continue
		}
		inner.each = append(inner.each, at.of(i))
		out.WriteByte(c)
	}
	inner.each = append(inner.each, at.of(i))
	return out.String(), inner
}
