package legacy

import (
	"crypto/md5"
	"encoding/hex"
	"slices"
	"strings"
)

// changeSet is a changeset of a changelog.
type changeSet struct {
	id, author string
	// file is the changelog in the directory; logical is what the author wants recorded instead of its path.
	file, logical string
	comment       string
	changes       []change
	// visitors are parts that change the SQL and the checksum with it.
	visitors []string
	// valid are checksums that the author accepts.
	valid []string
	down  change
	// unset are properties that no changelog sets.
	unset []string

	onChange, always, ignored, alone bool
	// guarded is set where preconditions decide whether it runs.
	guarded               bool
	dbms, context, labels string
}

// change is one change of a changeset.
type change struct {
	kind string // as Liquibase calls it: sql, sqlFile, createTable
	// text is the SQL without what is for Liquibase, which became empty lines; expanded has properties in place; line is where it begins.
	text, expanded string
	line           int
	// path is the file of a sqlFile, missing the name of one that is not there.
	path, missing string
	// end, split and strip are as they are written; empty where they are not. strip has several defaults.
	end, split, strip string
	dbms              string
}

func (c *change) isSQL() bool { return c.kind == "sql" || c.kind == "sqlFile" }

// programs are the kinds of changes, and other parts, that are no SQL, each once.
func (s *changeSet) programs() []string {
	out := slices.Clone(s.visitors)
	for i := range s.changes {
		if c := &s.changes[i]; !c.isSQL() && !slices.Contains(out, c.kind) {
			out = append(out, c.kind)
		}
	}
	if len(s.changes) == 0 {
		out = append(out, "a changeset without changes")
	}
	return out
}

// idle are changes that make nothing in the database.
var idle = []string{"tagDatabase", "output", "empty"}

// builders are the programs that make something.
func (s *changeSet) builders() []string {
	return slices.DeleteFunc(s.programs(), func(kind string) bool { return slices.Contains(idle, kind) })
}

// missing names a file that the changeset runs and that is not there.
func (s *changeSet) missing() string {
	for i := range s.changes {
		if s.changes[i].missing != "" {
			return s.changes[i].missing
		}
	}
	return ""
}

// excused reports whether the author lets a checksum pass.
func (s *changeSet) excused(recorded string) bool {
	return slices.ContainsFunc(s.valid, func(v string) bool {
		_, bare, _ := strings.Cut(v, ":")
		return v == recorded || strings.EqualFold(v, "any") || strings.EqualFold(bare, "any")
	})
}

// sums are the checksums of a version that the changeset may have: what Liquibase takes where nothing is written depends on its release, and
// properties may be set outside of the changelogs.
func (s *changeSet) sums(version string) (out []string) {
	add := func(text func(*change) string, strip string) {
		if sum := s.sum(version, text, strip); !slices.Contains(out, sum) {
			out = append(out, sum)
		}
	}
	expanded, written := func(c *change) string { return c.expanded }, func(c *change) string { return c.text }
	for _, text := range []func(*change) string{expanded, written} {
		add(text, "false")
		add(text, "true")
	}
	return out
}

func (s *changeSet) sum(version string, text func(*change) string, strip string) string {
	var all strings.Builder
	for i := range s.changes {
		c := &s.changes[i]
		if version == "9" {
			if forPostgres(c.dbms) {
				all.WriteString("9:" + md5Hex(withoutSpace(text(c))) + ":")
			}
			continue
		}
		head := []string{c.end, c.split, c.strip}
		if c.end == "" && strings.HasSuffix(strings.TrimSpace(text(c)), "\n/") && strip == "true" {
			head[0] = "\n/$" // what Liquibase sets for the last changeset of a file
		}
		for n, otherwise := range []string{"null", "true", strip} {
			if head[n] == "" {
				head[n] = otherwise
			}
		}
		all.WriteString("8:" + md5Hex(strings.Join(head, ":")+":"+oneSpace(text(c))) + ":")
	}
	return version + ":" + md5Hex(all.String())
}

func md5Hex(text string) string {
	sum := md5.Sum([]byte(text))
	return hex.EncodeToString(sum[:])
}

func isSpace(r rune) bool { return r == ' ' || r == '\t' || r == '\r' || r == '\n' }

// withoutSpace leaves out all white space, as version 9 does.
func withoutSpace(text string) string {
	return strings.Map(func(r rune) rune {
		if isSpace(r) {
			return -1
		}
		return r
	}, text)
}

// oneSpace makes one space of each stretch of white space, as version 8 does.
func oneSpace(text string) string { return strings.Join(strings.FieldsFunc(text, isSpace), " ") }

// forPostgres reads an attribute dbms: names by commas, those with a mark of exclamation leave one out.
func forPostgres(dbms string) bool {
	some := false
	for _, name := range strings.Split(dbms, ",") {
		switch name = strings.ToLower(strings.TrimSpace(name)); {
		case name == "":
		case name == "!postgresql" || name == "none":
			return false
		case name == "postgresql" || name == "all":
			return true
		case !strings.HasPrefix(name, "!"):
			some = true
		}
	}
	return !some
}
