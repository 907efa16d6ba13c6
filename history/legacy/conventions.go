package legacy

import (
	"path"
	"slices"
	"strings"
)

// naming is how file names are put together where a tool lets its users choose: prefix, version, separator, description, suffix.
// Files without a version have an empty separator: theirs belongs to the prefix.
type naming struct{ prefix, separator, suffix string }

// parse takes a file's base name apart. The description has spaces.
func (n naming) parse(base string) (version, description string, ok bool) {
	rest, ok := strings.CutPrefix(base, n.prefix)
	if !ok {
		return "", "", false
	}
	if rest, ok = strings.CutSuffix(rest, n.suffix); !ok {
		return "", "", false
	}
	if n.separator == "" {
		return "", strings.ReplaceAll(rest, "_", " "), rest != ""
	}
	// A name may go without a description, where the prefix says what it is.
	if version, description, ok = strings.Cut(rest, n.separator); !ok && n.prefix == "" {
		return "", "", false
	}
	_, ok = dotted(version)
	return strings.ReplaceAll(version, "_", "."), strings.ReplaceAll(description, "_", " "), ok
}

// learnNaming finds the naming by which a version and a description became a file's base name. Without a version it is that of files
// without one.
func learnNaming(base, version, description string) (n naming, ok bool) {
	form := strings.ReplaceAll(description, " ", "_")
	at := strings.LastIndex(base, form)
	if at < 0 {
		form = description
		at = strings.LastIndex(base, form)
	}
	if form == "" || at < 0 {
		return n, false
	}
	head, suffix := base[:at], base[at+len(form):]
	if !strings.HasPrefix(suffix, ".") {
		return n, false
	}
	if version == "" {
		return naming{prefix: head, suffix: suffix}, head != ""
	}
	start := indexNumber(strings.ReplaceAll(head, "_", "."), strings.ReplaceAll(version, "_", "."))
	if start < 0 {
		return n, false
	}
	n = naming{head[:start], head[start+len(version):], suffix}
	return n, n.separator != "" && !strings.ContainsAny(n.separator, "0123456789")
}

// indexNumber finds a version that is not a part of longer digits; -1 where there is none.
func indexNumber(text, version string) int {
	digit := func(i int) bool { return i >= 0 && i < len(text) && text[i] >= '0' && text[i] <= '9' }
	for from := 0; from <= len(text); {
		at := strings.Index(text[from:], version)
		if at < 0 {
			return -1
		}
		if at += from; !digit(at-1) && !digit(at+len(version)) {
			return at
		}
		from = at + 1
	}
	return -1
}

// namings are those of a directory, by what the files are.
type namings struct{ versioned, repeatable, undo, baseline []naming }

// recorded is what a row says of a script.
type recorded struct {
	version, description, script string
	undo, baseline               bool
}

// learnNamings takes from the rows how the tool was configured. Where they say nothing, it is as the tool comes.
func learnNamings(rows []recorded) (out namings) {
	add := func(list *[]naming, n naming) {
		if !slices.Contains(*list, n) {
			*list = append(*list, n)
		}
	}
	for _, r := range rows {
		n, ok := learnNaming(path.Base(r.script), r.version, r.description)
		switch {
		case !ok:
		case r.version == "":
			add(&out.repeatable, n)
		case r.undo:
			add(&out.undo, n)
		case r.baseline:
			add(&out.baseline, n)
		default:
			add(&out.versioned, n)
		}
	}
	suffixes := out.suffixes()
	if len(out.versioned) == 0 {
		out.versioned = []naming{{"V", "__", suffixes[0]}}
	}
	for _, n := range slices.Clone(out.versioned) {
		for _, suffix := range suffixes {
			add(&out.versioned, naming{n.prefix, n.separator, suffix})
			add(&out.repeatable, naming{prefix: "R" + n.separator, suffix: suffix})
			add(&out.undo, naming{"U", n.separator, suffix})
			add(&out.baseline, naming{"B", n.separator, suffix})
		}
	}
	return out
}

func (n *namings) suffixes() (out []string) {
	for _, list := range [][]naming{n.versioned, n.repeatable, n.undo, n.baseline} {
		for _, one := range list {
			if !slices.Contains(out, one.suffix) {
				out = append(out, one.suffix)
			}
		}
	}
	if len(out) == 0 {
		out = []string{".sql"}
	}
	return out
}

// parseAny takes a name apart by the first naming that fits.
func parseAny(list []naming, base string) (version, description string, ok bool) {
	for _, n := range list {
		if version, description, ok = n.parse(base); ok {
			return version, description, true
		}
	}
	return "", "", false
}
