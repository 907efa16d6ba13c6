package legacy

import (
	"bytes"
	"path"
	"path/filepath"
	"strings"
)

// djangoModule is a module that holds a migration.
type djangoModule struct {
	app, name, path string
	// after and before are the keys of migrations that it depends on, and that must run later; replaces those that it stands for.
	after, before, replaces []string
}

func (m *djangoModule) key() string { return m.app + "." + m.name }

// Files takes modules with a class Migration of Django's, by application. Packages that lie in the directory are left out.
func (django) Files(d *Dir, _ *History) (out []File, err error) {
	moved, err := d.djangoModules()
	if err != nil {
		return nil, err
	}
	labels := map[string]string{}
	for _, rel := range d.Paths {
		base := path.Base(rel)
		if !strings.HasSuffix(base, ".py") || strings.HasPrefix(base, "_") || strings.HasPrefix(base, "~") || djangoPackage(rel) {
			continue
		}
		text, err := d.Read(rel)
		if err != nil {
			return nil, err
		}
		if !bytes.Contains(text, []byte("class Migration")) {
			continue
		}
		dir := path.Dir(rel)
		if _, ok := labels[dir]; !ok {
			if labels[dir], err = d.djangoApp(dir, moved); err != nil {
				return nil, err
			}
		}
		m := djangoRead(labels[dir], rel, text)
		if m == nil {
			continue
		}
		out = append(out, File{Key: m.key(), Name: m.key(), Path: rel, Text: text, Code: "Python", Extra: m})
	}
	return djangoOrder(out), nil
}

// djangoPackage reports whether a path is that of an installed package.
func djangoPackage(rel string) bool {
	return strings.Contains("/"+rel, "/site-packages/") || strings.Contains("/"+rel, "/dist-packages/")
}

// djangoRead reads a module; nil where its class Migration is not Django's (South's are others).
func djangoRead(app, rel string, text []byte) *djangoModule {
	values, base := readPython(text).class("Migration")
	if values == nil || strings.Contains(base, "SchemaMigration") || strings.Contains(base, "DataMigration") {
		return nil
	}
	m := &djangoModule{app: app, name: stem(rel), path: rel}
	keys := func(name string) (out []string) {
		for _, item := range values[name].items {
			if a, n, ok := item.pair(); ok {
				out = append(out, a+"."+n)
			}
		}
		return out
	}
	m.after, m.before, m.replaces = keys("dependencies"), keys("run_before"), keys("replaces")
	return m
}

// djangoApp is the label of the application whose migrations lie in a directory: the setting MIGRATION_MODULES says it, or the application's
// apps.py, or it is the name of the directory above.
func (d *Dir) djangoApp(dir string, moved map[string]string) (string, error) {
	for module, label := range moved {
		if at := strings.ReplaceAll(module, ".", "/"); dir == at || strings.HasSuffix(dir, "/"+at) || strings.HasSuffix(at, "/"+dir) {
			return label, nil
		}
	}
	home := path.Dir(dir)
	name := path.Base(home)
	if dir == "." || home == "." {
		root, err := filepath.Abs(d.Root)
		if err != nil {
			root = d.Root
		}
		if dir == "." {
			return filepath.Base(filepath.Dir(root)), nil
		}
		name = filepath.Base(root)
	}
	config := path.Join(home, "apps.py")
	if !d.Has(config) {
		return name, nil
	}
	text, err := d.Read(config)
	if err != nil {
		return "", err
	}
	return djangoLabel(text, name), nil
}

// djangoLabel is the label that a class of an apps.py gives; else, the last part of the name that it gives.
func djangoLabel(text []byte, name string) string {
	m := readPython(text)
	for i := range m.lines {
		l := &m.lines[i]
		if l.indent > 0 || !l.is("class") || len(l.tokens) < 2 {
			continue
		}
		values, _ := m.class(l.tokens[1].text)
		if label := values["label"]; label.kind == pyText {
			return label.text
		}
		if full := values["name"]; full.kind == pyText {
			name = full.text[strings.LastIndexByte(full.text, '.')+1:]
		}
	}
	return name
}

// djangoModules reads the setting MIGRATION_MODULES of the files of settings: labels by module.
func (d *Dir) djangoModules() (map[string]string, error) {
	out := map[string]string{}
	for _, rel := range d.Paths {
		if !strings.HasSuffix(rel, ".py") || !strings.Contains(rel, "settings") || djangoPackage(rel) {
			continue
		}
		text, err := d.Read(rel)
		if err != nil {
			return nil, err
		}
		if !bytes.Contains(text, []byte("MIGRATION_MODULES")) {
			continue
		}
		v := readPython(text).values["MIGRATION_MODULES"]
		if v.kind != pyDict {
			continue
		}
		for i := 0; i+1 < len(v.items); i += 2 {
			if v.items[i].kind == pyText && v.items[i+1].kind == pyText {
				out[v.items[i+1].text] = v.items[i].text
			}
		}
	}
	return out, nil
}
