package legacy

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
)

// django reads django_migrations of Django: a row with application and name for each migration, removed when it is taken back.
type django struct{ codeOnly }

func (django) Tool() Tool { return Django }

// Verify finds nothing that the file could be held against.
func (django) Verify(*Entry, *File, *History) (FileState, string) {
	return FileUnverifiable, "Django keeps no checksums"
}

// Find takes a table of exactly Django's four columns. Its name is fixed; under another one the rows must have Django's form.
func (django) Find(ctx context.Context, db *Database) (out []Source, err error) {
	return db.weigh(ctx, func(t *Table) (suspect, bool) {
		fits := t.Is("id integer|bigint", "app character varying|text", "name character varying|text", "applied "+times)
		return suspect{
			tool: Django, usual: t.Table == "django_migrations", form: djangoForm, why: "its columns app, name and applied, and names of migrations in it",
		}, fits
	})
}

// djangoForm knows the names that Django gives: four digits and an underscore.
func djangoForm(r Row) form {
	name := r.Text("name")
	switch {
	case name == "" || r.Text("app") == "":
		return silent
	case digits(name) == 4 && strings.HasPrefix(name[4:], "_"):
		return marked
	}
	return alien
}

// Read takes rows by their ID.
func (django) Read(ctx context.Context, q *Reader, h *History) error {
	rows, err := q.Rows(ctx)
	if err != nil {
		return err
	}
	slices.SortStableFunc(rows, each(byInt("id"), byTime("applied")))
	for _, r := range rows {
		app, name := r.Text("app"), r.Text("name")
		if app == "" || name == "" {
			h.cannotRead(r, "it names no application or no migration")
			continue
		}
		e := Entry{Key: app + "." + name, Name: app + "." + name, State: Applied, Row: r.Raw()}
		e.AppliedAt, e.Local = r.Time("applied")
		h.Entries = append(h.Entries, e)
	}
	return nil
}

// Infer knows which entries need no file: those of applications that are not in the directory, and those that a squashed migration stands for.
func (django) Infer(h *History) {
	if !h.HasDir {
		return
	}
	apps, squashed := map[string]bool{}, map[string]*djangoModule{}
	there := map[string]bool{}
	for i := range h.Files {
		m, ok := h.Files[i].Extra.(*djangoModule)
		if !ok {
			continue
		}
		apps[m.app] = true
		there[m.key()] = true
		for _, key := range m.replaces {
			squashed[key] = m
		}
	}
	absent := map[string]int{}
	for i := range h.Entries {
		e := &h.Entries[i]
		app, _, _ := strings.Cut(e.Key, ".")
		switch m := squashed[e.Key]; {
		case there[e.Key]:
		case !apps[app]:
			absent[app]++
			e.File = FileMatch{State: FileUnverifiable, Reason: "the application " + app + " is not in the directory"}
		case m != nil:
			e.File = FileMatch{State: FileUnverifiable, Reason: "it was squashed into " + m.path}
		case h.djangoSquashed(e.Key) != "":
			e.File = FileMatch{State: FileUnverifiable, Reason: "it was squashed into " + h.djangoSquashed(e.Key)}
		}
	}
	h.djangoAbsent(absent)
	h.djangoSettle(squashed)
	h.djangoInconsistent()
}

// djangoInconsistent finds what Django calls an inconsistent history: a migration without a row, on which one with a row depends. Django
// refuses to run anything then.
func (h *History) djangoInconsistent() {
	ran, told := h.recorded(), map[string]bool{}
	for i := range h.Files {
		m, ok := h.Files[i].Extra.(*djangoModule)
		if !ok || !ran[m.key()] {
			continue
		}
		for _, key := range m.after {
			f := h.File(key)
			if f == nil || ran[key] || f.Settled != "" || told[key] {
				continue
			}
			told[key] = true
			h.problem(Gap, key, "run it with python manage.py migrate --fake "+strings.Replace(key, ".", " ", 1)+" where its effect is in the database, or let it pass: --accept gap --reason …",
				"%s has not run, and %s, which depends on it, has: Django refuses that", f.Path, m.path)
		}
	}
}

// djangoAbsent notes the applications that come with packages.
func (h *History) djangoAbsent(absent map[string]int) {
	var list []string
	for app, n := range absent {
		list = append(list, fmt.Sprintf("%s (%d)", app, n))
	}
	if len(list) > 0 {
		slices.Sort(list)
		h.note("the files of these applications are not in the directory, as they come with packages: " + strings.Join(list, ", "))
	}
}

// djangoSquashed finds the file of a squashed migration that says by its name, as Django gives it, that it stands for another: those whose
// list of what they replace was removed after the squash.
func (h *History) djangoSquashed(key string) string {
	app, name, _ := strings.Cut(key, ".")
	number := name[:digits(name)]
	if number == "" {
		return ""
	}
	for i := range h.Files {
		m, ok := h.Files[i].Extra.(*djangoModule)
		if !ok || m.app != app {
			continue
		}
		from, to, squashed := strings.Cut(m.name, "_squashed_")
		first, last := from[:digits(from)], to[:digits(to)]
		if squashed && first != "" && last != "" && compareNumbers(first, number) <= 0 && compareNumbers(number, last) <= 0 {
			return m.path
		}
	}
	return ""
}

// djangoSettle decides which of a squashed migration and those that it replaces will run. Django takes the squashed one when all or none of
// the others ran, and the others when some did.
func (h *History) djangoSettle(squashed map[string]*djangoModule) {
	ran := map[string]bool{}
	for i := range h.Entries {
		ran[h.Entries[i].Key] = true
	}
	for i := range h.Files {
		f := &h.Files[i]
		m, ok := f.Extra.(*djangoModule)
		if !ok || ran[f.Key] {
			continue
		}
		if by := squashed[f.Key]; by != nil && by.taken(ran) {
			f.Settled = by.path + " stands for it"
		}
		if len(m.replaces) == 0 {
			continue
		}
		switch n := m.count(ran); {
		case n == len(m.replaces):
			f.Settled = "all that it stands for has run"
		case n > 0:
			f.Settled = "a part of what it stands for has run, so that Django runs the rest instead"
		}
	}
}

// count is how many of those that a squashed migration replaces ran.
func (m *djangoModule) count(ran map[string]bool) (n int) {
	for _, key := range m.replaces {
		if ran[key] {
			n++
		}
	}
	return n
}

// taken reports whether the squashed migration stands for those that it replaces.
func (m *djangoModule) taken(ran map[string]bool) bool {
	n := m.count(ran)
	return ran[m.key()] || n == 0 || n == len(m.replaces)
}

// djangoOrder puts migrations after those that they depend on, and else by application and name.
func djangoOrder(files []File) (out []File) {
	slices.SortStableFunc(files, func(a, b File) int { return cmp.Or(strings.Compare(a.Key, b.Key), strings.Compare(a.Path, b.Path)) })
	with := map[string][]File{}
	first, last := map[string]string{}, map[string]string{}
	before := map[string][]string{}
	replaced := map[string]string{}
	var ids []string
	for _, f := range files {
		m, _ := f.Extra.(*djangoModule)
		if with[f.Key] == nil {
			ids = append(ids, f.Key)
		}
		with[f.Key] = append(with[f.Key], f)
		if first[m.app] == "" {
			first[m.app] = f.Key
		}
		last[m.app] = f.Key
		before[f.Key] = append(before[f.Key], m.after...)
		for _, key := range m.before {
			before[key] = append(before[key], f.Key)
		}
		for _, key := range m.replaces {
			replaced[key] = f.Key
		}
	}
	resolve := func(key string) string {
		app, name, _ := strings.Cut(key, ".")
		switch {
		case name == "__first__":
			return first[app]
		case name == "__latest__":
			return last[app]
		case with[key] == nil && replaced[key] != "":
			return replaced[key]
		}
		return key
	}
	order := topological(ids, func(id string) (out []string) {
		for _, key := range before[id] {
			out = append(out, resolve(key))
		}
		return out
	}, func(string) bool { return true })
	for _, id := range order {
		out = append(out, with[id]...)
	}
	return out
}
