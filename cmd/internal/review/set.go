package review

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/pleatdb/pleat/history/foreign"
	"github.com/pleatdb/pleat/history/migration"
	"github.com/pleatdb/pleat/planner"
)

// stdin is how standard input is called in reports.
const stdin = "<stdin>"

// Request says which files are meant.
type Request struct {
	// Paths are directories, files, or "-" for Stdin.
	Paths []string
	Stdin io.Reader
	// Base is a git revision: only files that differ from its merge base with what is checked out are meant. Empty for all.
	Base string
}

// Set are the migrations that are meant, with those that come before them.
type Set struct {
	Dirs []*foreign.Dir
	// Since is the commit with which the files were compared; empty without a base.
	Since string

	effects map[place]*planner.Effect
	// measuredOn describes the server; unmeasured says why a part was not measured.
	measuredOn string
	unmeasured []string
}

// Read finds and reads the files.
func Read(ctx context.Context, r Request) (*Set, error) {
	s := &Set{effects: map[place]*planner.Effect{}}
	var files []string
	var only func(string) bool
	for _, path := range r.Paths {
		if path == "-" {
			if err := s.readStdin(r); err != nil {
				return nil, err
			}
			continue
		}
		info, err := os.Stat(path)
		if err != nil {
			return nil, fmt.Errorf("read migrations: %w", err)
		}
		if r.Base != "" {
			c, err := changedSince(ctx, homeOf(path, info), r.Base)
			if err != nil {
				return nil, err
			}
			s.Since, only = c.since, c.holds
		}
		switch {
		case info.IsDir():
			d, err := foreign.Read(path, foreign.Options{Only: only, Context: true})
			if err != nil {
				return nil, err
			}
			s.Dirs = append(s.Dirs, d)
		case only == nil || only(path):
			files = append(files, path)
		}
	}
	dirs, err := foreign.ReadFiles(files, true)
	s.Dirs = append(s.Dirs, dirs...)
	return s, err
}

func homeOf(path string, info fs.FileInfo) string {
	if info.IsDir() {
		return path
	}
	return filepath.Dir(path)
}

func (s *Set) readStdin(r Request) error {
	if r.Base != "" {
		return errors.New("standard input is no file of a revision: --base and - exclude each other")
	}
	text, err := io.ReadAll(io.LimitReader(r.Stdin, migration.MaxSize+1))
	if err != nil {
		return fmt.Errorf("read standard input: %w", err)
	}
	s.Dirs = append(s.Dirs, foreign.ReadText(stdin, text))
	return nil
}

// Files counts the migrations that are meant, and their statements.
func (s *Set) Files() (files, statements int) {
	for _, d := range s.Dirs {
		for _, f := range d.Files {
			if !f.Context {
				files++
				statements += len(f.Up.Statements()) + len(f.Down.Statements())
			}
		}
	}
	return files, statements
}

// Skipped are the entries of all directories that were not read.
func (s *Set) Skipped() (out []foreign.Skipped) {
	for _, d := range s.Dirs {
		out = append(out, d.Skipped...)
	}
	return out
}

// Forget leaves out the migrations of a directory for which known reports true: nothing is said about them, and what they
// made is taken from the database.
func (s *Set) Forget(dir string, known func(version string) bool) (left int) {
	for _, d := range s.Dirs {
		if d.Tool != foreign.Pleat || filepath.Clean(d.Path) != filepath.Clean(dir) {
			continue
		}
		for i := range d.Files {
			if f := &d.Files[i]; !f.Context && known(f.Version) {
				f.Context = true
				left++
			}
		}
	}
	return left
}
