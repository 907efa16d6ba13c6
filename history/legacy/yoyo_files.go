package legacy

import (
	"bytes"
	"path"
	"slices"
	"strings"

	"github.com/pleatdb/pleat/history/foreign"
)

// yoyoBack is what the file of a way back ends in.
const yoyoBack = ".rollback.sql"

// Files takes NAME.sql with NAME.rollback.sql, and modules of yoyo, each after those that it depends on and else by name.
func (yoyo) Files(d *Dir, h *History) (out []File, err error) {
	with := map[string][]File{}
	before := map[string][]string{}
	var ids []string
	for _, rel := range d.yoyoPaths(h) {
		f, depends, err := d.yoyoFile(rel)
		if err != nil {
			return nil, err
		}
		if f == nil {
			continue
		}
		if with[f.Key] == nil {
			ids = append(ids, f.Key)
		}
		with[f.Key] = append(with[f.Key], *f)
		before[f.Key] = append(before[f.Key], depends...)
	}
	slices.Sort(ids)
	for _, id := range topological(ids, func(id string) []string { return before[id] }, func(string) bool { return true }) {
		out = append(out, with[id]...)
	}
	return out, nil
}

// yoyoPaths are the files of the directories that hold a recorded migration, or that yoyo.ini names; without any, those of all directories
// in which something is yoyo's beyond doubt.
func (d *Dir) yoyoPaths(h *History) []string {
	recorded := map[string]bool{}
	for i := range h.Entries {
		recorded[h.Entries[i].Key] = true
	}
	homes := map[string]bool{}
	for _, source := range d.yoyoSources() {
		homes[source] = true
	}
	candidates := d.Base(func(base string) bool {
		return (strings.HasSuffix(base, ".sql") && !strings.HasSuffix(base, yoyoBack) || strings.HasSuffix(base, ".py")) &&
			!strings.HasPrefix(base, "_") && !strings.HasPrefix(base, ".") && !strings.HasPrefix(base, "post-apply")
	})
	for _, rel := range candidates {
		if recorded[stem(rel)] || len(homes) == 0 && d.Has(strings.TrimSuffix(rel, path.Ext(rel))+yoyoBack) {
			homes[path.Dir(rel)] = true
		}
	}
	if len(homes) == 0 {
		homes["."] = true
	}
	return slices.DeleteFunc(candidates, func(rel string) bool { return !homes[path.Dir(rel)] })
}

// yoyoSources are the directories that yoyo.ini names.
func (d *Dir) yoyoSources() (out []string) {
	for _, rel := range d.Base(func(base string) bool { return base == "yoyo.ini" }) {
		text, err := d.Read(rel)
		if err != nil {
			continue
		}
		for _, source := range strings.Fields(readIni(text)["DEFAULT"]["sources"]) {
			out = append(out, path.Join(path.Dir(rel), strings.ReplaceAll(source, "%(here)s", ".")))
		}
	}
	return out
}

// yoyoFile reads one migration; nil where a module is none.
func (d *Dir) yoyoFile(rel string) (f *File, depends []string, err error) {
	f = &File{Key: stem(rel), Name: stem(rel), Path: rel, Code: "Python"}
	if f.Text, err = d.Read(rel); err != nil {
		return nil, nil, err
	}
	if strings.HasSuffix(rel, ".py") {
		if !bytes.Contains(f.Text, []byte("yoyo")) && !bytes.Contains(f.Text, []byte("step")) {
			return nil, nil, nil
		}
		depends, _ = readPython(f.Text).values["__depends__"].texts()
		return f, depends, nil
	}
	head := yoyoHead(f.Text)
	mode := foreign.Wrapped
	if strings.EqualFold(head["transactional"], "false") {
		mode = foreign.Single
	}
	f.SQL = &SQL{}
	if f.SQL.Up, err = d.Whole(rel, mode); err != nil {
		return nil, nil, err
	}
	if back := strings.TrimSuffix(rel, ".sql") + yoyoBack; d.Has(back) {
		if f.SQL.Down, err = d.Whole(back, mode); err != nil {
			return nil, nil, err
		}
		f.SQL.HasDown = len(f.SQL.Down.Units) > 0
		f.Others = append(f.Others, back)
	}
	return f, strings.Fields(head["depends"]), nil
}

// yoyoHead reads the comments that a file begins with: "-- depends: a b", "-- transactional: false".
func yoyoHead(text []byte) map[string]string {
	out := map[string]string{}
	for line := range strings.Lines(strings.TrimPrefix(string(text), "\ufeff")) {
		line = strings.TrimSpace(line)
		comment, ok := strings.CutPrefix(line, "--")
		if line != "" && !ok {
			break
		}
		if name, value, ok := strings.Cut(comment, ":"); ok {
			out[strings.ToLower(strings.TrimSpace(name))] += " " + strings.TrimSpace(value)
		}
	}
	for name, value := range out {
		out[name] = strings.TrimSpace(value)
	}
	return out
}
