package legacy

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pleatdb/pleat/history/foreign"
	"github.com/pleatdb/pleat/history/migration"
)

const (
	// maxDepth is how deep below the directory files are looked for.
	maxDepth = 12
	// maxFile bounds a migration's size; what is larger is an error and not passed over.
	maxFile = 64 << 20
	// maxFiles bounds how many files a directory may have.
	maxFiles = 200_000
)

// Dir is the directory of a tool's migrations, as it was listed.
type Dir struct {
	// Root is the path as it was given.
	Root string
	// Paths are all files below it, with slashes, sorted. Links to directories are not followed; .git, node_modules and their like are left out.
	Paths []string
	cache map[string][]byte
	// sums are our own checksums of texts that were asked for: one file may hold thousands of migrations.
	sums map[string]summed
}

// summed is a text with its checksum.
type summed struct {
	text     []byte
	checksum string
}

// skipped are directories that hold no migrations of the project.
var skipped = []string{".git", ".hg", ".svn", "node_modules", "__pycache__", ".venv", "venv", ".terraform"}

// OpenDir lists a directory.
func OpenDir(root string) (*Dir, error) {
	d := &Dir{Root: root, cache: map[string][]byte{}, sums: map[string]summed{}}
	err := filepath.WalkDir(root, func(p string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, p)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		switch {
		case rel == ".":
			if !e.IsDir() {
				return errors.New("is no directory")
			}
		case e.IsDir() && (slices.Contains(skipped, e.Name()) || strings.Count(rel, "/") >= maxDepth):
			return fs.SkipDir
		case e.IsDir():
		default:
			d.Paths = append(d.Paths, rel)
		}
		if len(d.Paths) > maxFiles {
			return fmt.Errorf("it holds more than %d files: name the directory of the migrations itself", maxFiles)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the migrations in %s: %w", root, err)
	}
	slices.Sort(d.Paths)
	return d, nil
}

// Read reads a file; the text is not changed in any way.
func (d *Dir) Read(rel string) ([]byte, error) {
	if text, ok := d.cache[rel]; ok {
		return text, nil
	}
	name := filepath.Join(d.Root, filepath.FromSlash(rel))
	info, err := os.Stat(name)
	switch {
	case err != nil:
		return nil, fmt.Errorf("read migration: %w", err)
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("read migration: %s is no regular file", name)
	case info.Size() > maxFile:
		return nil, fmt.Errorf("read migration: %s has %d bytes, more than the %d that a migration may have", name, info.Size(), maxFile)
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("read migration: %w", err)
	}
	d.cache[rel] = text
	return text, nil
}

// checksum is our own checksum of a file's text.
func (d *Dir) checksum(rel string, text []byte) string {
	if s, ok := d.sums[rel]; ok && len(text) > 0 && len(s.text) == len(text) && &s.text[0] == &text[0] {
		return s.checksum
	}
	sum := migration.Checksum(text)
	if d.sums != nil {
		d.sums[rel] = summed{text, sum}
	}
	return sum
}

// Has reports whether there is a file.
func (d *Dir) Has(rel string) bool {
	_, ok := slices.BinarySearch(d.Paths, rel)
	return ok
}

// Base are the files whose base name a function accepts.
func (d *Dir) Base(accept func(base string) bool) (out []string) {
	for _, p := range d.Paths {
		if accept(path.Base(p)) {
			out = append(out, p)
		}
	}
	return out
}

// Whole reads a file as SQL in one piece.
func (d *Dir) Whole(rel string, mode foreign.Mode) (foreign.Script, error) {
	text, err := d.Read(rel)
	if err != nil {
		return foreign.Script{}, err
	}
	return foreign.Cut(filepath.Join(d.Root, filepath.FromSlash(rel)), text, mode), nil
}

// Marked reads one file by the conventions of a tool that marks the ways up and back inside of it (goose, dbmate, sql-migrate, tern).
func (d *Dir) Marked(rel string, tool foreign.Tool) (foreign.File, error) {
	text, err := d.Read(rel)
	if err != nil {
		return foreign.File{}, err
	}
	return foreign.ReadOne(tool, filepath.Join(d.Root, filepath.FromSlash(rel)), text)
}
