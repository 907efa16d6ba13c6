package legacy

import (
	"bytes"
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// railsName is the form of a migration's file name (ActiveRecord::Migration::MigrationFilenameRegexp): number, name, and the engine that it
// was copied from.
var railsName = regexp.MustCompile(`^([0-9]+)_([_a-z0-9]*)\.?([_a-z0-9]*)?\.rb$`)

// Files takes NUMBER_name.rb and NUMBER_name.engine.rb that hold a migration, by number.
func (rails) Files(d *Dir, h *History) (out []File, err error) {
	recorded := map[string]bool{}
	for i := range h.Entries {
		recorded[h.Entries[i].Key] = true
	}
	groups := map[string][]File{}
	for _, rel := range d.Paths {
		m := railsName.FindStringSubmatch(path.Base(rel))
		if m == nil || strings.HasPrefix(rel, "vendor/") || strings.HasPrefix(rel, "spec/") || strings.HasPrefix(rel, "test/") {
			continue
		}
		f := File{Key: plainNumber(m[1]), Version: m[1], Name: m[2], Path: rel, Code: "Ruby"}
		if f.Text, err = d.Read(rel); err != nil {
			return nil, err
		}
		if bytes.Contains(f.Text, []byte("Sequel.migration")) || !bytes.Contains(f.Text, []byte("Migration")) {
			continue
		}
		home := railsHome(rel)
		groups[home] = append(groups[home], f)
	}
	for _, dir := range d.railsOthers(groups, recorded) {
		h.note(fmt.Sprintf("the migrations in %s are those of another database of the application: none of them is recorded here", dir))
		delete(groups, dir)
	}
	for _, files := range groups {
		out = append(out, files...)
	}
	sortByNumber(out)
	return out, d.railsSchema(h, out)
}

// railsHome is the directory of migrations that a file is in: they may be in directories below it.
func railsHome(rel string) string {
	dir := path.Dir(rel)
	for at := dir; at != "."; at = path.Dir(at) {
		if strings.HasSuffix(path.Base(at), "migrate") {
			return at
		}
	}
	return dir
}

// railsOthers are the directories of the application's other databases: config/database.yml names them, or the usual one is beside them,
// and no migration in them is recorded, while one of another is.
func (d *Dir) railsOthers(groups map[string][]File, recorded map[string]bool) (out []string) {
	named := d.railsPaths()
	var without []string
	some := false
	for dir, files := range groups {
		if slices.ContainsFunc(files, func(f File) bool { return recorded[f.Key] }) {
			some = true
		} else {
			without = append(without, dir)
		}
	}
	if !some {
		if _, usual := groups["db/migrate"]; !usual {
			return nil
		}
	}
	for _, dir := range without {
		if slices.Contains(named, dir) || some && dir == "db/migrate" && len(named) > 0 {
			out = append(out, dir)
		}
	}
	slices.Sort(out)
	return out
}

// railsPaths are the migrations_paths of config/database.yml. The file is a template; where it cannot be read without running it, there are none.
func (d *Dir) railsPaths() (out []string) {
	if !d.Has("config/database.yml") {
		return nil
	}
	text, err := d.Read("config/database.yml")
	if err != nil {
		return nil
	}
	var node yaml.Node
	if err := yaml.Unmarshal(text, &node); err != nil {
		return nil
	}
	var walk func(n *yaml.Node, under string)
	walk = func(n *yaml.Node, under string) {
		switch {
		case n.Kind == yaml.MappingNode:
			for i := 0; i+1 < len(n.Content); i += 2 {
				walk(n.Content[i+1], n.Content[i].Value)
			}
		case n.Kind == yaml.ScalarNode && under == "migrations_paths":
			out = append(out, path.Clean(n.Value))
		default:
			for _, c := range n.Content {
				walk(c, under)
			}
		}
	}
	walk(&node, "")
	return out
}

// railsSchema says where the schema file accounts for versions whose files were removed, which is common after a squash.
func (d *Dir) railsSchema(h *History, files []File) error {
	there := map[string]bool{}
	for _, f := range files {
		there[f.Key] = true
	}
	var gone []string
	for i := range h.Entries {
		if !there[h.Entries[i].Key] {
			gone = append(gone, h.Entries[i].Version)
		}
	}
	for _, rel := range d.Base(func(base string) bool { return base == "schema.rb" || strings.HasSuffix(base, "structure.sql") }) {
		text, err := d.Read(rel)
		if err != nil {
			return err
		}
		h.railsDigest(rel, text)
		held := slices.DeleteFunc(slices.Clone(gone), func(v string) bool { return !railsHolds(text, v) })
		if len(held) > 0 {
			h.note(fmt.Sprintf("%s stands for %d versions without a file (%s to %s): where they were removed on purpose, let them pass with --accept missing_file",
				rel, len(held), held[0], held[len(held)-1]))
		}
	}
	return nil
}

// railsDigest says whether the schema file is the one that the database was loaded from, where it was.
func (h *History) railsDigest(rel string, text []byte) {
	for _, n := range h.Notes {
		_, recorded, ok := strings.Cut(n, "schema_sha1 ")
		if !ok {
			continue
		}
		recorded, _, _ = strings.Cut(recorded, ",")
		sum := sha1.Sum(text)
		if hex.EncodeToString(sum[:]) == recorded {
			h.note("the database was loaded from " + rel + " as it is now")
		} else {
			h.note("the database was loaded from an earlier " + rel)
		}
		return
	}
}

// railsDefined is the version of db/schema.rb, which stands for all up to it. Since Rails 5 it is written with underscores.
var railsDefined = regexp.MustCompile(`Schema(?:\[[0-9.]+\])?\.define\(version: ([0-9_]+)\)`)

// railsHolds reports whether a schema file accounts for a version: db/structure.sql lists them all.
func railsHolds(text []byte, version string) bool {
	if m := railsDefined.FindSubmatch(text); m != nil {
		return compareNumbers(version, strings.ReplaceAll(string(m[1]), "_", "")) <= 0
	}
	return bytes.Contains(text, []byte("('"+version+"')"))
}
