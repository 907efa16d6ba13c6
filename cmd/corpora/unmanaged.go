package main

import (
	"slices"
	"strings"
)

// unmanaged is an object that pleat said it does not touch.
type unmanaged struct {
	kind string   // in lower case: "text search configuration"
	path []string // the parts of the name, unquoted: {"public", "sum2"}
	text string   // the name as listed: public.sum2(integer)
}

// kindsOfWords are the kinds of two words and more, the longest first where one begins with another.
var kindsOfWords = []string{
	"text search configuration", "text search dictionary", "text search template", "text search parser",
	"operator class", "operator family", "access method", "event trigger", "foreign data wrapper", "foreign table",
	"user mapping", "extended statistics", "statistics object", "default privileges", "default acl", "base type", "shell type",
	"range type", "multirange type", "procedural language", "foreign server", "large object", "security label",
}

// readUnmanaged reads one entry of pleat's list, such as
//
//	aggregate public.sum2(integer)
//	unmanaged "text search configuration" public.simple
func readUnmanaged(entry string) (unmanaged, bool) {
	entry = strings.TrimPrefix(strings.TrimSpace(entry), "unmanaged ")
	kind, name := "", ""
	if strings.HasPrefix(entry, `"`) {
		quoted, rest, ok := strings.Cut(entry[1:], `" `)
		if !ok {
			return unmanaged{}, false
		}
		kind, name = quoted, rest
	} else {
		for _, k := range kindsOfWords {
			if strings.HasPrefix(strings.ReplaceAll(entry, "-", " "), k+" ") {
				kind, name = k, entry[len(k)+1:]
				break
			}
		}
		if kind == "" {
			kind, name, _ = strings.Cut(entry, " ")
		}
	}
	kind = strings.ReplaceAll(kind, "-", " ")
	path, _ := readName(unescape(name))
	if kind == "" || len(path) == 0 && !strings.HasPrefix(name, "(") {
		return unmanaged{}, false
	}
	return unmanaged{kind: kind, path: path, text: name}, true
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
	if u.isNameless() {
		text := strings.ToLower(u.kind + " " + strings.Trim(u.text, `"`))
		_, after, found := strings.Cut(strings.ToLower(sql), text)
		words, _ := keywords(sql)
		return found && slices.Contains(words, strings.ToUpper(u.kind)) && (after == "" || !isNamePart(after[0]))
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
func (u unmanaged) isNameless() bool { return u.kind == "cast" || u.kind == "transform" }

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
