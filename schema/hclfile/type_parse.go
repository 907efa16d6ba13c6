package hclfile

import (
	"strconv"
	"strings"

	"github.com/pleatdb/pleat/schema"
)

// parseTypeName takes the text of a type apart. ok is false where the text is more than a name with modifiers and
// brackets; such text is left to the engine. user says how a name that is not built in is qualified.
func parseTypeName(text string, user func(namespace, name string) (string, bool)) (t sqlTypeName, ok bool) {
	p := &typeParser{text: text}
	if !p.name(&t, user) {
		return t, false
	}
	if !p.brackets(&t) || strings.TrimSpace(p.text) != "" {
		return t, false
	}
	return t.settled()
}

// settled turns float(n) into the type that it is and checks the modifiers of built-in types.
func (t sqlTypeName) settled() (sqlTypeName, bool) {
	if t.name == "float" && t.builtin {
		t.name = "double precision"
		if len(t.mods) == 1 {
			n, err := strconv.Atoi(t.mods[0])
			if err != nil || n < 1 || n > 53 {
				return t, false
			}
			if n <= 24 {
				t.name = "real"
			}
		}
		t.mods = nil
	}
	if t.builtin && t.name == "bpchar" && len(t.mods) > 0 {
		t.name = "character"
	}
	return t, true
}

type typeParser struct{ text string }

// word reads an identifier. Unquoted ones come folded to lower case.
func (p *typeParser) word() (word string, quoted, ok bool) {
	s := strings.TrimLeft(p.text, " \t\r\n")
	if strings.HasPrefix(s, `"`) {
		for i := 1; i < len(s); i++ {
			if s[i] != '"' {
				continue
			}
			if i+1 < len(s) && s[i+1] == '"' {
				i++
				continue
			}
			p.text = s[i+1:]
			return strings.ReplaceAll(s[1:i], `""`, `"`), true, i > 1
		}
		return "", true, false
	}
	n := 0
	for n < len(s) && (isWordByte(s[n]) || n > 0 && (s[n] >= '0' && s[n] <= '9' || s[n] == '$')) {
		n++
	}
	if n == 0 {
		return "", false, false
	}
	p.text = s[n:]
	return lowerASCII(s[:n]), false, true
}

func isWordByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c >= 0x80
}

func lowerASCII(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}

// accept consumes a word if it comes next.
func (p *typeParser) accept(word string) bool {
	before := p.text
	if got, quoted, ok := p.word(); ok && !quoted && got == word {
		return true
	}
	p.text = before
	return false
}

func (p *typeParser) punct(c string) bool {
	s := strings.TrimLeft(p.text, " \t\r\n")
	rest, ok := strings.CutPrefix(s, c)
	if ok {
		p.text = rest
	}
	return ok
}

func (p *typeParser) name(t *sqlTypeName, user func(string, string) (string, bool)) bool {
	word, quoted, ok := p.word()
	if !ok {
		return false
	}
	if p.punct(".") {
		inner, innerQuoted, ok := p.word()
		if !ok {
			return false
		}
		if word != "pg_catalog" {
			t.name = schema.Qualified(word, inner)
			if q, ok := user(word, inner); ok {
				t.name = q
			}
			return p.mods(t)
		}
		return p.builtin(t, inner, innerQuoted, true) && p.mods(t)
	}
	if p.builtin(t, word, quoted, false) {
		return p.suffix(t)
	}
	t.name, ok = user("", word)
	return ok && p.mods(t)
}

// builtin recognises a built-in type, of several words too. qualified names are those of pg_type, where char is "char".
func (p *typeParser) builtin(t *sqlTypeName, word string, quoted, qualified bool) bool {
	if word == "char" && (quoted || qualified) {
		t.name, t.builtin = `"char"`, true
		return true
	}
	if word == "float" && !quoted {
		t.name, t.builtin = word, true
		return true
	}
	if quoted || qualified {
		name, ok := typeAliases[word]
		t.name, t.builtin = name, ok
		return ok
	}
	switch word {
	case "double":
		word += " precision"
		if !p.accept("precision") {
			return false
		}
	case "national":
		if !p.accept("character") && !p.accept("char") {
			return false
		}
		word = "character"
		fallthrough
	case "character", "char", "nchar", "bit":
		if p.accept("varying") {
			word = map[bool]string{true: "bit varying", false: "character varying"}[word == "bit"]
		}
	}
	name, ok := typeAliases[word]
	t.name, t.builtin = name, ok
	return ok
}

// suffix reads modifiers and the words that follow them.
func (p *typeParser) suffix(t *sqlTypeName) bool {
	if t.name == "interval" {
		t.fields = p.fields()
	}
	if !p.mods(t) {
		return false
	}
	if strings.HasPrefix(t.name, "time") && strings.HasSuffix(t.name, " without time zone") {
		switch {
		case p.accept("with"):
			t.name = strings.Replace(t.name, "without", "with", 1)
			return p.accept("time") && p.accept("zone")
		case p.accept("without"):
			return p.accept("time") && p.accept("zone")
		}
	}
	return true
}

func (p *typeParser) fields() string {
	before := p.text
	first, _, _ := p.word()
	if !intervalFields[first] {
		p.text = before
		return ""
	}
	between := p.text
	if p.accept("to") {
		if last, _, _ := p.word(); intervalFields[first+" to "+last] {
			return first + " to " + last
		}
		p.text = between
	}
	return first
}

// mods reads what is between parentheses. Anything but numbers and words is left to the engine.
func (p *typeParser) mods(t *sqlTypeName) bool {
	if !p.punct("(") {
		return true
	}
	inner, rest, ok := strings.Cut(p.text, ")")
	if !ok || strings.ContainsAny(inner, `('"`) {
		return false
	}
	p.text = rest
	for mod := range strings.SplitSeq(inner, ",") {
		t.mods = append(t.mods, strings.TrimSpace(mod))
	}
	return true
}

func (p *typeParser) brackets(t *sqlTypeName) bool {
	if p.accept("array") {
		t.array = true
	}
	for p.punct("[") {
		inner, rest, ok := strings.Cut(p.text, "]")
		if !ok || strings.Trim(inner, " 0123456789") != "" {
			return false
		}
		p.text, t.array = rest, true
	}
	return true
}
