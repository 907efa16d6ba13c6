package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/zclconf/go-cty/cty"

	"github.com/pleatdb/pleat/cmd/internal/view"
	"github.com/pleatdb/pleat/history/migration"
	"github.com/pleatdb/pleat/schema"
	"github.com/pleatdb/pleat/schema/hclfile"
)

// newFiles are the files of a new project by their path below its directory, with slashes.
type newFiles map[string][]byte

// paths are where the files go, sorted.
func (f newFiles) paths(out string) []string {
	paths := []string{}
	for _, name := range names(f) {
		paths = append(paths, filepath.Join(out, filepath.FromSlash(name)))
	}
	return paths
}

// detail is what the log keeps of the files, so that an undo knows them again.
func (f newFiles) detail() []any {
	out := []any{}
	for _, name := range names(f) {
		out = append(out, map[string]any{"path": name, "sha256": digestOf(f[name])})
	}
	return out
}

func digestOf(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// schemaFiles are the files of a new project with an empty directory of migrations. None of them may be there.
func (t *takeover) schemaFiles(desired *schema.Catalog, projectFile string, ms ...*migration.Migration) (newFiles, error) {
	written, err := hclfile.Write(desired, hclfile.WriteOptions{Split: t.o.split})
	if err != nil {
		return nil, err
	}
	at, err := t.o.places()
	if err != nil {
		return nil, err
	}
	if at.migrations != usual.migrations {
		t.view.Note(fmt.Sprintf("pleat's migrations go into %s", filepath.Join(t.o.out, filepath.FromSlash(at.migrations))))
	}
	t.at = at
	projectFile = at.in(projectFile)
	if len(t.scope) > 0 {
		projectFile = scoped(projectFile, t.scope)
	}
	files := newFiles{"pleat.hcl": []byte(projectFile)}
	for name, text := range written {
		files[at.schema+"/"+filepath.ToSlash(name)] = text
	}
	texts, err := migration.Texts(ms...)
	if err != nil {
		return nil, err
	}
	for name, text := range texts {
		files[at.migrations+"/"+name] = text
	}
	return files, missing(t.o.out, files)
}

// places are the directories of a new project below its own, with slashes.
type places struct{ schema, migrations string }

// usual is where they are unless somebody says otherwise.
var usual = places{"schema", "migrations"}

// beside is where pleat's migrations go when another tool's are in the usual place.
const beside = "pleat"

// places finds out where the new project's files go: nothing is mixed with what is there.
func (o *importOptions) places() (at places, err error) {
	if at.schema, err = o.place("schema", o.schema); err != nil {
		return at, err
	}
	if at.migrations, err = o.place("migrations", o.migrations); err != nil {
		return at, err
	}
	if at.schema == "" {
		at.schema = usual.schema
		found := false
		_ = filepath.WalkDir(filepath.Join(o.out, at.schema), func(path string, _ fs.DirEntry, err error) error {
			found = found || err == nil && strings.HasSuffix(path, ".hcl")
			return nil
		})
		if found {
			return at, &view.Refusal{Code: "refused", Message: filepath.Join(o.out, at.schema) + " holds schema files already, and nothing is mixed with them",
				Next: "where they describe this database, write a pleat.hcl and use --log-only; else name another directory with --schema"}
		}
	}
	if at.migrations != "" {
		return at, nil
	}
	for _, at.migrations = range []string{usual.migrations, beside} {
		if list, err := os.ReadDir(filepath.Join(o.out, at.migrations)); err != nil || len(list) == 0 {
			return at, nil
		}
	}
	return at, &view.Refusal{Code: "refused", Message: filepath.Join(o.out, usual.migrations) + " holds other files, and nothing is mixed with them",
		Next: "name a directory for pleat's migrations with --migrations"}
}

// place is what a flag says, below the directory of the project; empty where it says nothing.
func (o *importOptions) place(flag, path string) (string, error) {
	if path == "" {
		return "", nil
	}
	rel := relativeTo(o.out, path)
	if rel == "." || !filepath.IsLocal(filepath.FromSlash(rel)) || strings.HasSuffix(rel, ".hcl") {
		return "", &view.Refusal{Code: "usage", Message: fmt.Sprintf("--%s %s: it must be a directory below that of the project, %s", flag, path, o.out)}
	}
	return rel, nil
}

// in is the text of a project file for these places.
func (at places) in(projectFile string) string {
	text := strings.Replace(projectFile, `schema     = "schema"`, strings.TrimSuffix(attributeOf("schema    ", at.schema), "\n"), 1)
	return strings.Replace(text, `migrations = "migrations"`, strings.TrimSuffix(attributeOf("migrations", at.migrations), "\n"), 1)
}

// attributeOf writes one text.
func attributeOf(name, value string) string {
	return name + " = " + string(hclwrite.TokensForValue(cty.StringVal(value)).Bytes())
}

// write writes the files, all or none.
func (t *takeover) write(files newFiles) (err error) {
	if len(files) == 0 {
		return nil
	}
	if err := announce(t.o.out, t.run, files); err != nil {
		return err
	}
	t.wrote, err = newProject(t.o.out, t.at.migrations, files)
	return err
}

// newProject writes a project's files with its directory of migrations, and takes them away again if it cannot write all.
func newProject(dir, directory string, files map[string][]byte) ([]string, error) {
	migrations := filepath.Join(dir, filepath.FromSlash(directory))
	written, err := writeFiles(dir, files)
	if err == nil {
		err = os.MkdirAll(migrations, 0o755)
	}
	sum := filepath.Join(migrations, migration.SumFile)
	if err == nil && !slices.Contains(written, sum) {
		err = migration.Rehash(migrations)
		written = append(written, sum)
	}
	if err != nil {
		removeFiles(written)
		return nil, fmt.Errorf("write the project: %w", err)
	}
	return written, nil
}

// removeFiles removes files, and the directories in which they were alone.
func removeFiles(paths []string) {
	for _, path := range paths {
		_ = os.Remove(path)
		_ = os.Remove(filepath.Dir(path)) // fails where something is left
	}
}

// missing refuses to overwrite files.
func missing(dir string, files map[string][]byte) error {
	for _, name := range append(names(files), "migrations/"+migration.SumFile) {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if _, err := os.Lstat(path); err == nil {
			return &view.Refusal{Code: "refused", Message: path + " exists, and nothing is overwritten", Next: "choose an empty directory with --out"}
		} else if !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("look for %s: %w", path, err)
		}
	}
	return nil
}

// scoped is a project file that looks at some schemas alone, as the import did.
func scoped(projectFile string, scope []string) string {
	return projectFile + "\n" + attribute("scope", scope)
}

// attribute writes a list of texts.
func attribute(name string, list []string) string {
	if len(list) == 0 {
		return ""
	}
	values := make([]cty.Value, len(list))
	for i, text := range list {
		values[i] = cty.StringVal(text)
	}
	f := hclwrite.NewEmptyFile()
	f.Body().SetAttributeValue(name, cty.ListVal(values))
	return string(hclwrite.Format(f.Bytes()))
}

// legacyProject is the project file of a project that another tool's history was taken over into: its tables are left alone, and its
// files are watched.
func legacyProject(ignore []string, tool, dir string, converted bool) string {
	text := projectFile + fmt.Sprintf("\n# The tables of %s, which stay as they are.\n%s", tool, attribute("ignore", ignore))
	if dir == "" {
		return text
	}
	f := hclwrite.NewEmptyFile()
	block := f.Body().AppendNewBlock("legacy", nil).Body()
	block.SetAttributeValue("tool", cty.StringVal(tool))
	block.SetAttributeValue("dir", cty.StringVal(dir))
	what := "They stay where they are; an edit of one of them is found."
	if converted {
		block.SetAttributeValue("converted", cty.True)
		what = "All of them were converted; they are needed only to import further databases of the project."
	}
	return text + fmt.Sprintf("\n# The migrations of %s that ran before. %s\n%s", tool, what, hclwrite.Format(f.Bytes()))
}

// relativeTo is a path as a file in a directory names it: relative where that is possible, with slashes.
func relativeTo(dir, path string) string {
	from, err := filepath.Abs(dir)
	if err != nil {
		return filepath.ToSlash(path)
	}
	to, err := filepath.Abs(path)
	if err != nil {
		return filepath.ToSlash(path)
	}
	rel, err := filepath.Rel(from, to)
	if err != nil {
		return filepath.ToSlash(to)
	}
	return filepath.ToSlash(rel)
}
