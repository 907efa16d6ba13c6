package migration

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// SumFile is the name of the file that guards a directory.
const SumFile = "pleat.sum"

// Dir is a directory of migrations as it was when it was read.
type Dir struct {
	Path string
	// Files are the migrations in the order of their versions.
	Files []File
	// Foreign are the names of entries that are no migrations and are left alone, a README for example.
	// Files with a leading dot are not listed.
	Foreign []string
	// sum is pleat.sum as it stands; nil when there is none.
	sum []byte
}

// File is one migration file, not yet parsed.
type File struct {
	Name     string // base name
	Version  string
	Slug     string
	Phase    Phase
	Text     []byte // normalised
	Checksum string
}

// Parse reads the file's text.
func (f *File) Parse() (*Migration, error) { return Parse(f.Name, f.Text) }

// ReadDir reads a directory of migrations. A directory that does not exist reads as an empty one.
// Errors name every file that cannot be a migration and every version that two files claim.
func ReadDir(path string) (*Dir, error) {
	entries, err := os.ReadDir(path)
	if errors.Is(err, fs.ErrNotExist) {
		return &Dir{Path: path}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read migrations: %w", err)
	}
	d := &Dir{Path: path}
	var errs []error
	for _, e := range entries {
		errs = append(errs, d.add(e))
	}
	slices.SortFunc(d.Files, func(a, b File) int {
		return strings.Compare(a.Version+a.Name, b.Version+b.Name)
	})
	for i := 1; i < len(d.Files); i++ {
		if a, b := d.Files[i-1], d.Files[i]; a.Version == b.Version {
			errs = append(errs, &NameError{b.Name, "has the same version as " + a.Name, "rename one of them"})
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, fmt.Errorf("read migrations in %s: %w", path, err)
	}
	return d, nil
}

// add takes one entry of the directory.
func (d *Dir) add(e fs.DirEntry) error {
	name := e.Name()
	full := filepath.Join(d.Path, name)
	switch {
	case strings.HasPrefix(name, "."):
		return nil
	case name == SumFile:
		text, err := os.ReadFile(full)
		d.sum = text
		return err
	case !strings.HasSuffix(name, ".sql"):
		d.Foreign = append(d.Foreign, name)
		return nil
	}
	version, slug, phase, err := ParseName(name)
	if err != nil {
		return err
	}
	info, err := os.Stat(full)
	switch {
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		return &NameError{name, "is no regular file", "a migration is a file"}
	case info.Size() > MaxSize:
		return SyntaxErrors{&SyntaxError{
			File: name, Summary: fmt.Sprintf("is %d MB large, the most is %d MB", info.Size()>>20, MaxSize>>20),
			Hint: "load rows in bulk with COPY beside the migrations",
		}}
	}
	text, err := os.ReadFile(full)
	if err != nil {
		return err
	}
	text = Normalize(text)
	d.Files = append(d.Files, File{name, version, slug, phase, text, Checksum(text)})
	return nil
}

// File finds the file of a version; nil when there is none.
func (d *Dir) File(version string) *File {
	i, ok := slices.BinarySearchFunc(d.Files, version, func(f File, v string) int { return strings.Compare(f.Version, v) })
	if !ok {
		return nil
	}
	return &d.Files[i]
}

// Newest is the highest version in the directory; empty for an empty directory.
func (d *Dir) Newest() string {
	if len(d.Files) == 0 {
		return ""
	}
	return d.Files[len(d.Files)-1].Version
}

// Migrations parses all files. The error holds what is wrong with any of them.
func (d *Dir) Migrations() ([]*Migration, error) {
	out := make([]*Migration, 0, len(d.Files))
	var errs []error
	for i := range d.Files {
		m, err := d.Files[i].Parse()
		if err != nil {
			errs = append(errs, err)
			continue
		}
		out = append(out, m)
	}
	return out, errors.Join(errs...)
}
