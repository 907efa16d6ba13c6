package main

import (
	"slices"
	"strings"

	"github.com/pleatdb/pleat/schema"
)

// unmanaged is an object that pleat said it does not touch.
type unmanaged struct {
	kind string   // in lower case: "text search configuration"
	path []string // the parts of the name, unquoted: {"public", "sum2"}
	text string   // the name as listed: public.sum2(integer)
}

// readUnmanaged reads one entry of pleat's list: the kind, then a name whose parts are quoted where they are not plain.
//
//	aggregate public."sum2(integer)"
//	operator class public."oc using btree"
//	attribute comment on column public.v
func readUnmanaged(entry string) (unmanaged, bool) {
	entry = strings.TrimSpace(entry)
	if u, ok := readPhrase(entry); ok {
		return u, true
	}
	at := lastWord(entry)
	if at <= 0 {
		return unmanaged{}, false
	}
	kind, name := strings.TrimSpace(entry[:at]), unescape(entry[at:])
	path, _ := readName(name)
	if kind == "" || len(path) == 0 && !strings.HasPrefix(name, "(") {
		return unmanaged{}, false
	}
	u := unmanaged{kind: kind, path: path, text: name}
	if len(path) > 0 && !u.isNameless() {
		last := &path[len(path)-1]
		// What tells objects of one name apart stands inside the name.
		*last, _, _ = strings.Cut(*last, " using ")
		if bare, _, ok := strings.Cut(*last, "("); ok && bare != "" {
			*last = bare
		}
	}
	return u, true
}

// phrased are the kinds whose objects are called by several words.
var phrased = []string{"cast", "transform", "default privileges", "user mapping", "operator class", "operator family"}

// readPhrase reads an entry whose name is several words without quotes:
//
//	cast text as public.x
//	default privileges public.tables of role r
//	operator class public.oc using btree
func readPhrase(entry string) (unmanaged, bool) {
	for _, kind := range phrased {
		name, ok := strings.CutPrefix(entry, kind+" ")
		if !ok || name == "" || lastWord(name) < 0 || strings.HasPrefix(name, "(") {
			continue
		}
		name = unescape(name)
		u := unmanaged{kind: kind, text: name}
		switch kind {
		case "cast", "transform":
			u.path = []string{name}
		case "default privileges":
			u.path = []string{name}
			if in, rest, ok := strings.Cut(name, "."); ok && !strings.Contains(in, " ") {
				u.path = []string{strings.Trim(in, `"`), rest}
			}
		case "user mapping":
			u.path = []string{name}
		default:
			bare, _, _ := strings.Cut(name, " using ")
			u.path, _ = readName(bare)
		}
		return u, len(u.path) > 0
	}
	return unmanaged{}, false
}

// lastWord is where the last word of an entry starts, spaces in quotes and parentheses aside; -1 where there is none.
func lastWord(entry string) int {
	at, depth, quoted := -1, 0, false
	for i := 0; i < len(entry); i++ {
		switch c := entry[i]; {
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '(':
			depth++
		case c == ')':
			depth--
		case c == ' ' && depth == 0:
			at = i + 1
		}
	}
	if quoted || depth != 0 {
		return -1
	}
	return at
}

// unescape undoes the escapes of control characters and backslashes in a listed name.
func unescape(name string) string {
	var b strings.Builder
	for i := 0; i < len(name); i++ {
		const hex = "0123456789abcdef"
		switch {
		case name[i] != '\\' || i+1 == len(name):
			b.WriteByte(name[i])
		case name[i+1] == 'x' && i+3 < len(name) && strings.IndexByte(hex, name[i+2]) >= 0 && strings.IndexByte(hex, name[i+3]) >= 0:
			b.WriteByte(byte(strings.IndexByte(hex, name[i+2])<<4 | strings.IndexByte(hex, name[i+3])))
			i += 3
		default:
			b.WriteByte(name[i+1])
			i++
		}
	}
	return b.String()
}

// isAboutMe tells whether the statement of a dump makes, alters or comments the object, or grants on it. That it
// only uses the object is not enough: what uses an unmanaged object is not itself unmanaged.
func (u unmanaged) isAboutMe(sql string) bool {
	if about, ok := strings.CutPrefix(u.kind, "attribute "); ok {
		return u.isAttributeIn(sql, about)
	}
	if u.isNameless() {
		return u.isBetween(sql)
	}
	words, rest := keywords(sql)
	path, _ := readName(rest)
	if !slices.Equal(path, u.path) || len(path) == 0 {
		return false
	}
	if isACL(sql) {
		return true
	}
	return strings.Contains(" "+strings.Join(words, " ")+" ", " "+u.keyword()+" ")
}

// keyword is the kind as statements write it: what people call a base type is made by CREATE TYPE.
func (u unmanaged) keyword() string {
	kind := strings.TrimSuffix(strings.ToUpper(u.kind), " OBJECT")
	for _, adjective := range []string{"BASE", "SHELL", "RANGE", "MULTIRANGE", "EXTENDED", "PROCEDURAL"} {
		kind = strings.TrimPrefix(kind, adjective+" ")
	}
	if kind == "FOREIGN SERVER" {
		return "SERVER"
	}
	return kind
}

// isNameless tells whether the object has no name but is called by what it is between.
func (u unmanaged) isNameless() bool {
	return slices.Contains([]string{"cast", "transform", "default privileges", "user mapping"}, u.kind)
}

// isBetween is isAboutMe for objects without a name: all words by which the object is called must be there.
func (u unmanaged) isBetween(sql string) bool {
	what := strings.Trim(u.text, "()")
	if len(u.path) > 0 {
		what = u.path[len(u.path)-1]
	}
	switch u.kind {
	case "default privileges":
		of, role, _ := strings.Cut(what, " of role ")
		in := ""
		if len(u.path) == 2 {
			in = " IN SCHEMA " + schema.Quote(u.path[0])
		}
		return strings.HasPrefix(sql, "ALTER DEFAULT PRIVILEGES FOR ROLE "+schema.Quote(role)+in+" ") &&
			strings.Contains(sql, " ON "+strings.ToUpper(of)+" ") && (in != "" || !strings.Contains(sql, " IN SCHEMA "))
	case "user mapping":
		user, server, _ := strings.Cut(what, " on server ")
		return strings.HasPrefix(sql+" ", "CREATE USER MAPPING FOR "+schema.Quote(user)+" SERVER "+schema.Quote(server)+" ")
	case "cast":
		what = "(" + what + ")"
	}
	_, rest := keywords(sql)
	if u.kind == "cast" {
		return strings.Contains(sql, "CAST (") && strings.HasPrefix(strings.ToLower(rest), strings.ToLower(what))
	}
	_, after, found := strings.Cut(strings.ToLower(sql), "transform "+strings.ToLower(what))
	return found && (after == "" || !isNamePart(after[0]))
}

// isAttributeIn tells whether the statement says the attribute of the object, such as a comment on a part of it.
func (u unmanaged) isAttributeIn(sql, attribute string) bool {
	head, _, _ := strings.Cut(sql, " IS ")
	quoted := make([]string, len(u.path))
	for i, part := range u.path {
		quoted[i] = schema.Quote(part)
	}
	if !containsName(head, strings.Join(quoted[:min(2, len(quoted))], ".")) {
		return false
	}
	switch word, _, _ := strings.Cut(attribute, " "); word {
	case "comment":
		return strings.HasPrefix(sql, "COMMENT ON ")
	case "security":
		return strings.HasPrefix(sql, "SECURITY LABEL ")
	case "privileges":
		return isACL(sql)
	case "disabled", "enabled":
		return strings.HasPrefix(sql, "ALTER TABLE ") && strings.Contains(sql, " TRIGGER ")
	}
	return false
}

// named tells whether an error's text names the object.
func (u unmanaged) named(text string) bool {
	bare := strings.Join(u.path, ".")
	return bare != "" && containsName(text, bare) || u.text != "" && containsName(text, u.text)
}

// containsName tells whether name stands in text between characters that are no part of a name.
func containsName(text, name string) bool {
	for at := 0; ; {
		i := strings.Index(text[at:], name)
		if i < 0 {
			return false
		}
		start, end := at+i, at+i+len(name)
		if (start == 0 || !isNamePart(text[start-1])) && (end == len(text) || !isNamePart(text[end])) {
			return true
		}
		at = start + 1
	}
}

func isNamePart(c byte) bool {
	return c == '_' || c == '$' || c >= 0x80 || c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z'
}

// keywords reads the words with which a statement of pg_dump begins, which it writes in upper case, unlike names.
func keywords(sql string) (words []string, rest string) {
	rest = sql
	for {
		end := 0
		for end < len(rest) && (rest[end] >= 'A' && rest[end] <= 'Z' || rest[end] == ',') {
			end++
		}
		if end == 0 || end == len(rest) || rest[end] != ' ' && rest[end] != '\n' {
			return words, rest
		}
		words = append(words, rest[:end])
		rest = strings.TrimLeft(rest[end:], " \n")
	}
}

// readName reads a qualified name: identifiers, quoted ones, or an operator's sign, with dots between.
func readName(text string) (path []string, rest string) {
	for {
		end := 0
		switch {
		case strings.HasPrefix(text, `"`):
			name, after, ok := quotedName(text)
			if !ok {
				return nil, text
			}
			path, text = append(path, name), after
		default:
			for end < len(text) && isNamePart(text[end]) {
				end++
			}
			if end == 0 {
				// The blank makes sure that there is an end.
				end = strings.IndexFunc(text+" ", notOperator)
			}
			if end == 0 {
				return path, text
			}
			path, text = append(path, text[:end]), text[end:]
		}
		if !strings.HasPrefix(text, ".") {
			return path, text
		}
		text = text[1:]
	}
}

func notOperator(r rune) bool { return !strings.ContainsRune("~!@#^&|`?+-*/%<>=", r) }

// quotedName reads an identifier in double quotes.
func quotedName(text string) (name, rest string, ok bool) {
	var b strings.Builder
	for i := 1; i < len(text); i++ {
		switch {
		case text[i] != '"':
			b.WriteByte(text[i])
		case i+1 < len(text) && text[i+1] == '"':
			b.WriteByte('"')
			i++
		default:
			return b.String(), text[i+1:], true
		}
	}
	return "", text, false
}
