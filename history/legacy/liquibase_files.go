package legacy

import (
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pleatdb/pleat/history/foreign"
)

// Files takes the changesets of all changelogs, in the order in which Liquibase would run them.
func (liquibase) Files(d *Dir, h *History) (out []File, err error) {
	c, err := readChangelogs(d, h)
	if err != nil {
		return nil, err
	}
	l := link(h)
	sets := c.ordered(func(s *changeSet) bool { l.asPrinted(s); return l.score(s) > 0 })
	l.assign(sets)
	told := false
	for _, s := range sets {
		f, err := c.fileOf(s, l.entries[s])
		if err != nil {
			return nil, err
		}
		if !told && l.entries[s] == nil && s.context+s.labels != "" && f.Settled == "" {
			told = true
			h.note(fmt.Sprintf("%s has not run, and has a context or labels: Liquibase runs such changesets only where it is told to, and here all of them count as pending", f.Key))
		}
		out = append(out, f)
	}
	others, err := c.elsewhere(l)
	return append(out, others...), err
}

// fileOf makes a migration of a changeset.
func (c *changelogs) fileOf(s *changeSet, e *Entry) (f File, err error) {
	name := changelogPath(s.file)
	if s.logical != "" {
		name = changelogPath(s.logical)
	}
	f = File{Key: liquibaseKey(name, s.id, s.author), Version: s.id, Name: s.comment, Path: s.file, Repeatable: s.onChange || s.always, Extra: s}
	if f.Name == "" {
		f.Name = s.id
		if allDigits(s.id) {
			f.Name = stem(s.file) + "-" + s.id
		}
	}
	for i := range s.changes {
		if other := s.changes[i].path; other != "" && !slices.Contains(f.Others, other) {
			f.Others = append(f.Others, other)
		}
	}
	switch {
	case e == nil && s.ignored:
		f.Settled = "it is marked to be ignored"
	case e == nil && !forPostgres(s.dbms):
		f.Settled = "it is for " + s.dbms
	case e == nil && len(s.changes) > 0 && len(s.builders()) == 0 && len(s.programs()) > 0:
		f.Settled = "it changes nothing"
	}
	if f.Text, err = c.d.Read(s.file); err != nil {
		return f, err
	}
	if e != nil {
		f.Key = e.Key
		if f.Repeatable && e.State == Applied {
			e.State = Repeatable
		}
	}
	if e == nil && s.guarded && f.Settled == "" {
		c.h.note(f.Key + " has not run and has preconditions, which pleat does not ask: look whether it should run here, and take it out of the pending migrations where not")
	}
	c.sql(&f, s, e != nil && strings.Contains(e.Note, markedAsRan))
	return f, nil
}

// sql gives a changeset its statements, where it has nothing else.
func (c *changelogs) sql(f *File, s *changeSet, markedOnly bool) {
	switch kinds := s.builders(); {
	case markedOnly:
		// What was only marked as ran has built nothing.
		f.SQL = &SQL{Up: foreign.Script{Path: c.absolute(s.file)}}
		return
	case len(kinds) > 0:
		f.Code = "a changeset of " + strings.Join(kinds, ", ")
		return
	case s.missing() != "":
		f.Code = "a changeset whose file " + s.missing() + " is not in the directory"
		return
	case len(s.unset) > 0:
		f.Code = "SQL with properties that no changelog sets (" + strings.Join(s.unset, ", ") + ")"
		return
	}
	f.SQL = &SQL{Up: foreign.Script{Path: c.absolute(s.file), NoTransaction: s.alone}}
	for i := range s.changes {
		if ch := &s.changes[i]; ch.isSQL() && forPostgres(ch.dbms) {
			c.script(&f.SQL.Up, s, ch)
		}
	}
	if strings.TrimSpace(s.down.expanded) != "" {
		f.SQL.Down = foreign.Script{Path: c.absolute(s.file), NoTransaction: s.alone}
		c.script(&f.SQL.Down, s, &s.down)
		f.SQL.HasDown = len(f.SQL.Down.Statements()) > 0
	}
}

func (c *changelogs) absolute(rel string) string {
	return filepath.Join(c.d.Root, filepath.FromSlash(rel))
}

// script adds the statements of a change. All of a changeset is in one transaction unless it says otherwise.
func (c *changelogs) script(to *foreign.Script, s *changeSet, ch *change) {
	mode := foreign.Wrapped
	if s.alone {
		mode = foreign.Single
	}
	file := s.file
	if ch.path != "" {
		file = ch.path
	}
	part := cutChange(c.absolute(file), ch, mode)
	for _, u := range part.Units {
		for i := range u.Statements {
			u.Statements[i].Line += ch.line - 1
		}
		if last := len(to.Units) - 1; last >= 0 && u.Transactional && to.Units[last].Transactional {
			to.Units[last].Statements = append(to.Units[last].Statements, u.Statements...)
			continue
		}
		to.Units = append(to.Units, u)
	}
	for _, p := range part.Problems {
		if p.Line > 0 {
			p.Line += ch.line - 1
		}
		to.Problems = append(to.Problems, p)
	}
	if to.Text != "" {
		to.Text += "\n"
	}
	to.Text += part.Text
	to.Allows = append(to.Allows, part.Allows...)
}

// cutChange divides at the delimiter of the change. A delimiter that stands in lines of its own becomes a semicolon, so that a slash does not cut
// through a division.
func cutChange(file string, ch *change, mode foreign.Mode) foreign.Script {
	end := ch.end
	for _, escape := range []string{`\r`, `\n`, `\s*`, `\s`} {
		end = strings.TrimPrefix(end, escape)
	}
	if end = strings.TrimSpace(end); end == "" || end == ";" {
		return foreign.Cut(file, []byte(ch.expanded), mode)
	}
	var out strings.Builder
	alone := false
	for line := range strings.Lines(ch.expanded) {
		if strings.EqualFold(strings.TrimSpace(line), end) {
			alone, line = true, ";\n"
		}
		out.WriteString(line)
	}
	if alone {
		return foreign.Cut(file, []byte(out.String()), mode)
	}
	return foreign.CutAt(file, []byte(ch.expanded), end, mode)
}

// elsewhere finds out what there is of entries whose changeset was not found: a changelog in a form that only Liquibase reads, or one that has
// lost the changeset.
func (c *changelogs) elsewhere(l *linked) (out []File, err error) {
	made := map[string]bool{}
	for _, e := range l.rest() {
		name, _, _ := strings.Cut(e.Key, "::")
		rel := c.locate("", name, false)
		switch {
		case rel == "":
		case c.docs[rel] != nil || changelogForms[strings.ToLower(path.Ext(rel))] != "":
			e.File = FileMatch{State: FileMissing, Path: rel, Reason: rel + " is there and has no such changeset"}
		case !made[e.Key]:
			made[e.Key] = true
			f := File{Key: e.Key, Version: e.Version, Name: e.Version, Path: rel, Code: strings.TrimPrefix(path.Ext(rel), ".")}
			if f.Text, err = c.d.Read(rel); err != nil {
				return nil, err
			}
			out = append(out, f)
		}
	}
	return out, nil
}
