package schema

import (
	"fmt"
	"strconv"
	"strings"
)

// ParseID reads what [ID.String] wrote.
func ParseID(text string) (ID, error) {
	id, rest, err := parseID(text)
	if err == nil && rest != "" {
		err = fmt.Errorf("unexpected %q", rest)
	}
	if err != nil {
		return ID{}, fmt.Errorf("object name %q: %w", text, err)
	}
	return id, nil
}

func parseID(text string) (ID, string, error) {
	word, rest, ok := strings.Cut(text, " ")
	if !ok {
		return ID{}, "", fmt.Errorf("want a kind and a name")
	}
	kind, err := ParseKind(word)
	if err != nil {
		return ID{}, "", err
	}
	if kind.IsAttachment() {
		target, after, err := parseID(strings.TrimPrefix(rest, "on "))
		return attachmentID(kind, target), after, err
	}
	id := ID{Kind: kind}
	if kind == KindUnmanaged {
		if id.Args, rest, err = parseName(rest); err != nil {
			return ID{}, "", err
		}
		rest = strings.TrimPrefix(rest, " ")
	}
	var parts []string
	for {
		var part string
		if part, rest, err = parseName(rest); err != nil {
			return ID{}, "", err
		}
		parts = append(parts, part)
		if !strings.HasPrefix(rest, ".") {
			break
		}
		rest = rest[1:]
	}
	if err := id.setParts(parts); err != nil {
		return ID{}, "", err
	}
	if kinds[kind].args && kind != KindUnmanaged {
		id.Args, rest, err = parseArgs(rest)
	}
	return id, rest, err
}

func (id *ID) setParts(parts []string) error {
	want := kinds[id.Kind].parts
	if id.Kind == KindUnmanaged && len(parts) <= want {
		want = len(parts)
	}
	if len(parts) != want {
		return fmt.Errorf("a %s has %d parts to its name, not %d", id.Kind, want, len(parts))
	}
	id.Name = parts[len(parts)-1]
	if want > 1 {
		id.Schema = parts[0]
	}
	if want > 2 {
		id.Parent = parts[1]
	}
	return nil
}

func parseName(s string) (name, rest string, err error) {
	if !strings.HasPrefix(s, `"`) {
		end := 0
		for end < len(s) && isPlain(s[:end+1]) {
			end++
		}
		if end == 0 {
			return "", "", fmt.Errorf("want a name at %q", s)
		}
		return s[:end], s[end:], nil
	}
	for i := 1; i < len(s); i++ {
		if s[i] != '"' {
			continue
		}
		if i+1 < len(s) && s[i+1] == '"' {
			i++
			continue
		}
		name, err = unescapeControls(strings.ReplaceAll(s[1:i], `""`, `"`))
		return name, s[i+1:], err
	}
	return "", "", fmt.Errorf("unterminated quote at %q", s)
}

// parseArgs reads a parenthesised argument list; types may hold parentheses and quoted names themselves.
func parseArgs(s string) (args, rest string, err error) {
	if !strings.HasPrefix(s, "(") {
		return "", "", fmt.Errorf("want ( at %q", s)
	}
	depth, quoted := 0, false
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '"':
			quoted = !quoted
		case quoted:
		case s[i] == '(':
			depth++
		case s[i] == ')':
			if depth--; depth == 0 {
				args, err = unescapeControls(s[1:i])
				return args, s[i+1:], err
			}
		}
	}
	return "", "", fmt.Errorf("unbalanced parentheses at %q", s)
}

func unescapeControls(s string) (string, error) {
	if !strings.Contains(s, `\`) {
		return s, nil
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] != '\\':
			b.WriteByte(s[i])
		case strings.HasPrefix(s[i:], `\\`):
			b.WriteByte('\\')
			i++
		case strings.HasPrefix(s[i:], `\x`) && len(s) >= i+4:
			c, err := strconv.ParseUint(s[i+2:i+4], 16, 8)
			if err != nil {
				return "", fmt.Errorf("bad escape in %q", s)
			}
			b.WriteByte(byte(c))
			i += 3
		default:
			return "", fmt.Errorf("bad escape in %q", s)
		}
	}
	return b.String(), nil
}
