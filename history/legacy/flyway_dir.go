package legacy

import (
	"cmp"
	"path"
	"slices"
	"strings"
)

// Files takes V, R, B and U scripts by the names that rows show or that Flyway comes with, and migrations in other languages. What lies
// below a baseline need not run.
func (flyway) Files(d *Dir, h *History) (out []File, err error) {
	fits := func(text []byte, checksum string) bool {
		return slices.ContainsFunc(flywaySums(text), func(s sum) bool { return s.value == checksum })
	}
	c := collectScripts(d, h, "script")
	found, err := c.one(fits)
	if err != nil {
		return nil, err
	}
	for _, s := range found {
		f, err := c.file(s, fits, func(rel string, _ []byte) (bool, string, error) { return flywaySettings(d, rel) })
		if err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	slices.SortStableFunc(out, compareScripts)
	h.callbacks(d)
	return h.settleFlyway(out), c.verifyUndo()
}

// verifyUndo holds the scripts that undid a version against the rows that say so. Such an entry is not in effect: what differs is said and
// refuses nothing.
func (c *scripts) verifyUndo() error {
	for i := range c.h.Entries {
		e := &c.h.Entries[i]
		form, _ := dotted(e.Version)
		rel, ok := c.undo[form]
		if !ok || e.State != Undone || e.Checksum == "" || e.File.State != "" || !strings.HasPrefix(c.kinds[i], "UNDO_") {
			continue
		}
		text, err := c.d.Read(rel)
		if err != nil {
			return err
		}
		if e.File.State, e.File.Reason = verifyFlyway(e, text); e.File.State == FileMismatched {
			e.remark(rel + " is not the script that undid it")
		}
	}
	return nil
}

// flywaySettings says what the settings beside a script change: that its statements run one by one, that it does not run at all.
func flywaySettings(d *Dir, rel string) (alone bool, settled string, err error) {
	settings, err := d.settings(rel)
	if strings.EqualFold(settings["shouldExecute"], "false") {
		settled = "its settings say shouldExecute=false"
	}
	return strings.EqualFold(settings["executeInTransaction"], "false"), settled, err
}

// file makes a migration of a script. how says whether its statements run one by one, and why it need not run.
func (c *scripts) file(s script, fits func(text []byte, checksum string) bool, how func(rel string, text []byte) (bool, string, error)) (f File, err error) {
	f = File{Key: s.key, Version: s.version, Name: s.description, Path: s.path, Repeatable: s.repeatable, Code: s.code, Extra: s}
	if f.Text, err = c.d.Read(s.path); err != nil || s.code != "" {
		return f, err
	}
	text, encoding := readable(f.Text, func(text []byte) bool { return fits(text, c.rows[s.key].checksum) })
	if encoding != "" {
		c.h.note(s.path + " is not UTF-8: it is read as " + encoding)
	}
	alone, settled, err := how(s.path, text)
	if err != nil {
		return f, err
	}
	f.Settled, f.SQL = settled, &SQL{}
	if f.SQL.Up, err = c.d.placeholderSQL(s.path, text, alone); err != nil || s.back == "" {
		return f, err
	}
	f.Others = []string{s.back}
	raw, err := c.d.Read(s.back)
	if err != nil {
		return f, err
	}
	text, _ = readable(raw, func([]byte) bool { return false })
	if alone, _, err = how(s.back, text); err != nil {
		return f, err
	}
	f.SQL.Down, err = c.d.placeholderSQL(s.back, text, alone)
	f.SQL.HasDown = len(f.SQL.Down.Units) > 0
	return f, err
}

// compareScripts orders as Flyway and Evolve run: versions, a baseline script before the version beside it, then what is repeated by
// description.
func compareScripts(a, b File) int {
	rank := func(f File) int {
		if f.Repeatable {
			return 1
		}
		return 0
	}
	second := func(f File) int {
		if strings.HasPrefix(f.Key, "B") {
			return 0
		}
		return 1
	}
	if n := cmp.Compare(rank(a), rank(b)); n != 0 {
		return n
	}
	if a.Repeatable {
		return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.Path, b.Path))
	}
	return cmp.Or(compareDotted(a.Version, b.Version), cmp.Compare(second(a), second(b)), strings.Compare(a.Path, b.Path))
}

// settleFlyway says which files need not run, and which Flyway would pass over. What it will never run is left out and noted: baseline
// scripts where something ran before, and scripts that are switched off.
func (h *History) settleFlyway(files []File) []File {
	line := h.dottedLine()
	first, never := "", []string{}
	for _, f := range files {
		if isBaselineScript(f) && line.newest == "" && line.baseline == "" {
			first = higher(first, f.Version)
		}
	}
	files = slices.DeleteFunc(files, func(f File) bool {
		off := !line.present[f.Key] && (f.Settled != "" || isBaselineScript(f) && (first == "" || compareDotted(f.Version, first) != 0))
		if off {
			never = append(never, f.Path)
		}
		return off
	})
	if len(never) > 0 {
		h.note("Flyway would never run these here (a baseline script where something ran before, or shouldExecute=false): " + strings.Join(never, ", "))
	}
	for i := range files {
		f := &files[i]
		switch {
		case f.Repeatable || line.present[f.Key] || isBaselineScript(*f):
		case first != "" && compareDotted(f.Version, first) <= 0:
			f.Settled = "the baseline script of version " + first + " stands for it"
		case line.baseline != "" && compareDotted(f.Version, line.baseline) <= 0:
			f.Settled = "it lies below the baseline " + line.baseline
		case line.newest != "" && compareDotted(f.Version, line.newest) < 0 && len(line.late) == 0:
			h.gap(f, line.newest)
		}
	}
	return files
}

func isBaselineScript(f File) bool {
	s, ok := f.Extra.(script)
	return ok && s.baseline
}

// callbacks notes the scripts that Flyway runs around each migration: they are no part of the history.
func (h *History) callbacks(d *Dir) {
	var out []string
	for _, rel := range d.Paths {
		name, _, _ := strings.Cut(path.Base(rel), "__")
		name = strings.TrimSuffix(name, ".sql")
		if path.Ext(rel) == ".sql" && slices.Contains(flywayCallbacks, name) {
			out = append(out, rel)
		}
	}
	if len(out) > 0 {
		h.note("callbacks of Flyway are not taken over; what they do at each migration has to be declared, or done by the deployment: " + strings.Join(out, ", "))
	}
}

// flywayCallbacks are the events around migrating by which Flyway knows scripts.
var flywayCallbacks = []string{
	"beforeMigrate", "beforeRepeatables", "beforeVersioned", "beforeEachMigrate", "beforeEachMigrateStatement", "afterEachMigrateStatement",
	"afterEachMigrateStatementError", "afterEachMigrate", "afterEachMigrateError", "afterMigrate", "afterMigrateApplied", "afterVersioned",
	"afterMigrateError", "createSchema", "beforeCreateSchema", "beforeConnect", "afterConnect",
}
