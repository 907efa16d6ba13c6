package legacy

import (
	"bytes"
	"cmp"
	"encoding/json"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pleatdb/pleat/history/foreign"
)

// flywayPrograms are the endings of migrations that are no SQL.
var flywayPrograms = map[string]string{
	".java": "Java", ".class": "compiled Java", ".kt": "Kotlin", ".groovy": "Groovy", ".scala": "Scala", ".py": "Python", ".sh": "shell", ".bash": "shell",
	".ps1": "PowerShell", ".bat": "a batch file", ".cmd": "a batch file",
}

// script is a file of a directory that a versioned tool would run, before several for one version were told apart.
type script struct {
	path, key, version, description string
	// code is the language of a program.
	code string
	// repeatable and baseline say what the file is; back is the file that undoes it.
	repeatable, baseline bool
	back                 string
}

// scripts collects the files of Flyway or Evolve by the names that rows and usage give them.
type scripts struct {
	d        *Dir
	h        *History
	rows     map[string]recordedRow // the last one of each key
	all      []script
	undo     map[string]string
	spelling spelling
	// kinds are the types of the rows, for each entry.
	kinds map[int]string
}

// recordedRow is what the last row of a key says of its file.
type recordedRow struct {
	script, checksum, version, description string
	repeatable, baseline                   bool
}

// collectScripts finds the files. scriptColumn is the column of the rows that holds the path.
func collectScripts(d *Dir, h *History, scriptColumn string) *scripts {
	c := &scripts{d: d, h: h, spelling: h.spelling(), rows: map[string]recordedRow{}, undo: map[string]string{}, kinds: map[int]string{}}
	var rows []recorded
	for i := range h.Entries {
		e := &h.Entries[i]
		var fields map[string]any
		if json.Unmarshal(e.Row, &fields) != nil {
			continue
		}
		text, _ := fields[scriptColumn].(string)
		text = strings.ReplaceAll(text, `\`, "/")
		kind, _ := fields["type"].(string)
		c.kinds[i] = kind
		plain := e.File.State == "" || e.State == Undone
		if plain && strings.Contains(path.Base(text), ".") {
			rows = append(rows, recorded{e.Version, e.Name, text, strings.HasPrefix(kind, "UNDO_"), e.State == Baseline})
		}
		if e.State == Applied || e.State == Repeatable || e.State == Baseline {
			c.rows[e.Key] = recordedRow{text, e.Checksum, e.Version, e.Name, e.State == Repeatable, e.State == Baseline}
		}
	}
	names := learnNamings(rows)
	for _, rel := range d.Paths {
		c.add(rel, &names)
	}
	c.addRecorded()
	for i := range c.all {
		if s := &c.all[i]; !s.repeatable && !s.baseline && s.code == "" {
			form, _ := dotted(s.version)
			s.back = c.undo[form]
		}
	}
	return c
}

// add takes a file whose name is one of the tool's.
func (c *scripts) add(rel string, names *namings) {
	base := path.Base(rel)
	s := script{path: rel, code: flywayPrograms[path.Ext(base)]}
	ok := false
	if s.code != "" {
		c.addProgram(s, strings.TrimSuffix(base, path.Ext(base)))
		return
	}
	if version, _, ok := parseAny(names.undo, base); ok {
		form, _ := dotted(version)
		c.undo[form] = rel
		return
	}
	if s.version, s.description, ok = parseAny(names.versioned, base); ok {
		s.key = c.spelling.key(s.version)
	} else if s.version, s.description, ok = parseAny(names.baseline, base); ok {
		s.key, s.baseline = "B"+c.spelling.key(s.version), true
	} else if _, s.description, ok = parseAny(names.repeatable, base); ok {
		s.key, s.repeatable = repeatableKey(s.description), true
	}
	if ok {
		c.all = append(c.all, s)
	}
}

// addProgram takes a class or a script of another language, whose name cannot be configured: V1_2__Add_column.
func (c *scripts) addProgram(s script, name string) {
	ok := false
	switch {
	case strings.HasPrefix(name, "R__"):
		s.description, s.repeatable, ok = strings.ReplaceAll(name[3:], "_", " "), true, true
		s.key = repeatableKey(s.description)
	case strings.HasPrefix(name, "V"), strings.HasPrefix(name, "B"):
		if s.version, s.description, ok = (naming{prefix: name[:1], separator: "__"}).parse(name); ok {
			s.key = c.spelling.key(s.version)
		}
		if s.baseline = name[0] == 'B'; s.baseline {
			s.key = "B" + s.key
		}
	}
	if ok && !strings.Contains(name, "$") {
		c.all = append(c.all, s)
	}
}

// addRecorded finds the files that rows name and whose names say nothing.
func (c *scripts) addRecorded() {
	known := map[string]bool{}
	for _, s := range c.all {
		known[s.key] = true
	}
	paths := map[string][]string{}
	for _, rel := range c.d.Paths {
		paths[path.Base(rel)] = append(paths[path.Base(rel)], rel)
	}
	for key, r := range c.rows {
		if known[key] || r.script == "" {
			continue
		}
		for _, rel := range paths[path.Base(r.script)] {
			if endsWithPath(rel, r.script) && flywayPrograms[path.Ext(rel)] == "" {
				c.all = append(c.all, script{path: rel, key: key, version: r.version, description: r.description, repeatable: r.repeatable, baseline: r.baseline})
			}
		}
	}
}

// endsWithPath reports whether a path ends with another.
func endsWithPath(rel, end string) bool { return rel == end || strings.HasSuffix(rel, "/"+end) }

// outputs are directories into which builds copy their resources.
var outputs = []string{"target", "build", "out", "bin", "dist", "obj"}

func built(rel string) bool {
	return slices.ContainsFunc(strings.Split(path.Dir(rel), "/"), func(part string) bool { return slices.Contains(outputs, part) })
}

// one leaves one file for each key where that can be told: not the copies that a build made, the file that ran, the one beside those.
// fits reports whether a text has the recorded checksum.
func (c *scripts) one(fits func(text []byte, checksum string) bool) ([]script, error) {
	groups := map[string][]script{}
	homes := map[string]bool{}
	for _, s := range c.all {
		groups[s.key] = append(groups[s.key], s)
	}
	for key, g := range groups {
		g, err := c.narrow(key, g, fits)
		if err != nil {
			return nil, err
		}
		if groups[key] = g; len(g) == 1 && endsWithPath(g[0].path, c.rows[key].script) {
			homes[strings.TrimSuffix(g[0].path, c.rows[key].script)] = true
		}
	}
	var out []script
	for _, g := range groups {
		out = append(out, keep(g, func(s script) bool {
			for home := range homes {
				if strings.HasPrefix(s.path, home) {
					return true
				}
			}
			return false
		})...)
	}
	c.passed(out)
	return out, nil
}

// narrow leaves out of several files for a key what is a copy or not the file that ran.
func (c *scripts) narrow(key string, g []script, fits func(text []byte, checksum string) bool) ([]script, error) {
	g = keep(g, func(s script) bool { return path.Ext(s.path) != ".class" })
	g = keep(g, func(s script) bool { return !built(s.path) })
	if len(g) < 2 {
		return g, nil
	}
	var failed error
	g = keep(g, func(s script) bool {
		text, err := c.d.Read(s.path)
		failed = cmp.Or(failed, err)
		return err == nil && fits(text, c.rows[key].checksum)
	})
	return g, failed
}

// keep leaves those that are as wanted, or all where none is.
func keep(g []script, wanted func(script) bool) []script {
	if some := slices.DeleteFunc(slices.Clone(g), func(s script) bool { return !wanted(s) }); len(some) > 0 {
		return some
	}
	return g
}

// passed notes the files that were left out for others.
func (c *scripts) passed(taken []script) {
	var out []string
	left := map[string]bool{}
	for _, s := range taken {
		left[s.path] = true
	}
	for _, s := range c.all {
		if path.Ext(s.path) != ".class" && !built(s.path) && !left[s.path] {
			out = append(out, s.path)
		}
	}
	if len(out) > 0 {
		c.h.note("another location has the files that ran, so that these are passed over: " + strings.Join(out, ", "))
	}
}

// settings reads the settings beside a script (V1__x.sql.conf).
func (d *Dir) settings(rel string) (map[string]string, error) {
	out := map[string]string{}
	if !d.Has(rel + ".conf") {
		return out, nil
	}
	text, err := d.Read(rel + ".conf")
	if err != nil {
		return nil, err
	}
	for line := range strings.Lines(string(bytes.TrimPrefix(text, []byte("\ufeff")))) {
		if key, value, ok := strings.Cut(line, "="); ok {
			out[strings.TrimPrefix(strings.TrimSpace(key), "flyway.")] = strings.TrimSpace(value)
		}
	}
	return out, nil
}

// placeholderSQL reads a text with ${placeholders} as SQL. Alone has each statement run by itself.
func (d *Dir) placeholderSQL(rel string, text []byte, alone bool) (foreign.Script, error) {
	at := filepath.Join(d.Root, filepath.FromSlash(rel))
	// The reader takes only names of the usual form; what it reads does not depend on which.
	f, err := foreign.ReadOne(foreign.Flyway, filepath.Join(filepath.Dir(at), "V1__.sql"), text)
	if err != nil {
		return foreign.Script{}, err
	}
	s := f.Up
	s.Path = at
	for i := range s.Problems {
		s.Problems[i].Path = at
	}
	if alone {
		var units []foreign.Unit
		for _, st := range s.Statements() {
			units = append(units, foreign.Unit{Statements: []foreign.Statement{st}})
		}
		s.Units, s.NoTransaction = units, true
	}
	return s, nil
}
