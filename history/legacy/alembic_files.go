package legacy

import (
	"bytes"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"
)

// alembicRevision is a module of a versions directory.
type alembicRevision struct {
	id, name      string
	down, depends []string
	labels        []string
	created       time.Time
	path          string
	text          []byte
}

// alembicModules reads all Python files that assign revision and down_revision. Their names say nothing: the template for them is free.
func alembicModules(d *Dir) (out []*alembicRevision, err error) {
	for _, rel := range d.Paths {
		base := path.Base(rel)
		if !strings.HasSuffix(base, ".py") || base == "__init__.py" || strings.HasPrefix(base, ".#") {
			continue
		}
		text, err := d.Read(rel)
		if err != nil {
			return nil, err
		}
		if !bytes.Contains(text, []byte("down_revision")) {
			continue
		}
		if r := alembicModule(rel, text); r != nil {
			out = append(out, r)
		}
	}
	return out, nil
}

// alembicModule reads one module; nil where it is none of Alembic.
func alembicModule(rel string, text []byte) *alembicRevision {
	m := readPython(text)
	id := m.values["revision"]
	down, has := m.values["down_revision"]
	if id.kind != pyText || id.text == "" || !has {
		return nil
	}
	r := &alembicRevision{id: id.text, path: rel, text: text, name: alembicName(m.doc)}
	r.down, _ = down.texts()
	r.depends, _ = m.values["depends_on"].texts()
	r.labels, _ = m.values["branch_labels"].texts()
	r.created = alembicDate(m.doc)
	if r.name == "" {
		r.name = strings.Trim(strings.TrimPrefix(stem(rel), r.id), "_-")
	}
	return r
}

// alembicName is the first paragraph of the module's text, which is the message of the revision.
func alembicName(doc string) string {
	head, _, _ := strings.Cut(strings.TrimSpace(doc), "\n\n")
	for _, label := range []string{"Revision ID:", "Revises:", "Create Date:"} {
		head, _, _ = strings.Cut(head, label)
	}
	return strings.Join(strings.Fields(head), " ")
}

// alembicDate is when the file was made; zero where it does not say.
func alembicDate(doc string) time.Time {
	for line := range strings.Lines(doc) {
		text, ok := strings.CutPrefix(strings.TrimSpace(line), "Create Date:")
		if !ok {
			continue
		}
		text = strings.TrimSpace(text)
		for _, layout := range []string{"2006-01-02 15:04:05.999999999Z07:00", "2006-01-02 15:04:05.999999999", "2006-01-02T15:04:05.999999999Z07:00", time.DateOnly} {
			if at, err := time.Parse(layout, text); err == nil {
				return at.UTC()
			}
		}
	}
	return time.Time{}
}

// alembicPlaces are the directories of versions of each environment that the configuration files name; empty where there is none.
func alembicPlaces(d *Dir) (out [][]string, err error) {
	for _, rel := range d.Base(func(base string) bool { return strings.HasSuffix(base, ".ini") }) {
		text, err := d.Read(rel)
		if err != nil {
			return nil, err
		}
		if !bytes.Contains(text, []byte("script_location")) {
			continue
		}
		for _, section := range readIni(text) {
			if places := alembicLocations(path.Dir(rel), section); len(places) > 0 {
				out = append(out, places)
			}
		}
	}
	if len(out) > 0 {
		return out, nil
	}
	for _, rel := range d.Base(func(base string) bool { return base == "env.py" }) {
		out = append(out, []string{path.Join(path.Dir(rel), "versions")})
	}
	return out, nil
}

// pathSeparators are what divides version_locations: a setting names one, and older ones divide at white space and commas.
var pathSeparators = regexp.MustCompile(`[\s,:;]+`)

// alembicLocations are the directories of one section of an alembic.ini that lies at home.
func alembicLocations(home string, section map[string]string) (out []string) {
	script := section["script_location"]
	if script == "" {
		return nil
	}
	locate := func(text string) string {
		text = strings.NewReplacer("%(here)s", ".", "%%", "%").Replace(text)
		if pkg, rest, ok := strings.Cut(text, ":"); ok {
			text = path.Join(strings.ReplaceAll(pkg, ".", "/"), rest)
		}
		return path.Join(home, text)
	}
	locations := section["version_locations"]
	if locations == "" {
		return []string{path.Join(locate(script), "versions")}
	}
	for _, text := range pathSeparators.Split(strings.TrimSpace(locations), -1) {
		if text != "" {
			out = append(out, locate(text))
		}
	}
	return out
}

// alembicChoose leaves out the modules of other environments: a project may have several, each with a database of its own.
func alembicChoose(all []*alembicRevision, places [][]string, h *History) []*alembicRevision {
	var best, some []*alembicRevision
	for _, dirs := range places {
		var here []*alembicRevision
		recorded := false
		for _, r := range all {
			if slices.ContainsFunc(dirs, func(dir string) bool { return within(r.path, dir) }) {
				here = append(here, r)
				recorded = recorded || slices.ContainsFunc(h.Entries, func(e Entry) bool { return e.Version == r.id })
			}
		}
		some = append(some, here...)
		if recorded {
			best = append(best, here...)
		}
	}
	switch {
	case len(best) > 0:
		return unique(best)
	case len(some) > 0:
		return unique(some)
	}
	return all
}

// within reports whether a path lies in a directory; "." holds all.
func within(rel, dir string) bool {
	return dir == "." || strings.HasPrefix(rel, dir+"/")
}

// unique keeps the first of each module.
func unique(all []*alembicRevision) (out []*alembicRevision) {
	for _, r := range all {
		if !slices.Contains(out, r) {
			out = append(out, r)
		}
	}
	return out
}

// alembicSort puts modules in the order of their graph; two with one id stay together, so that both are seen.
func alembicSort(all []*alembicRevision, h *History) (out []*alembicRevision) {
	g := graphOf(all)
	with, placed := map[string][]*alembicRevision{}, map[string]bool{}
	for _, r := range all {
		with[r.id] = append(with[r.id], r)
	}
	for _, id := range g.order(func(id string) bool { return g.revisions[id] != nil }) {
		placed[id] = true
		for _, before := range g.before(id, true) {
			if g.revisions[before] != nil && !placed[before] {
				h.problem(UnknownRevision, id, "mend its down_revision or depends_on",
					"%s comes after %s, which comes after it", with[id][0].path, before)
			}
		}
		out = append(out, with[id]...)
	}
	return out
}
