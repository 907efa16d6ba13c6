package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/pleatdb/pleat/cmd/internal/view"
	"github.com/pleatdb/pleat/history"
)

// tornName is the file that stands in the directory of a new project from before its first file is written until the log is committed: whoever
// finds it knows which files an import left that was killed in between.
const tornName = ".pleat-import.json"

// torn says which files an import is about to write, and under which run it is recorded.
type torn struct {
	Run   string     `json:"run"`
	Files []tornFile `json:"files"`
}

type tornFile struct {
	Path   string `json:"path"` // below the directory, with slashes
	SHA256 string `json:"sha256"`
}

// announce writes down what will be written.
func announce(dir, run string, files newFiles) error {
	t := torn{Run: run}
	for _, name := range names(files) {
		t.Files = append(t.Files, tornFile{name, digestOf(files[name])})
	}
	text, err := json.Marshal(t)
	if err != nil {
		return fmt.Errorf("write the project: %w", err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("write the project: %w", err)
	}
	if err := os.WriteFile(filepath.Join(dir, tornName), text, 0o600); err != nil {
		return fmt.Errorf("write the project: %w", err)
	}
	return nil
}

// settled removes the announcement: the files and the log agree again.
func settled(dir string) { _ = os.Remove(filepath.Join(dir, tornName)) }

// clearTorn removes what an import left that was killed before its log was committed: the files it wrote, where nobody changed them. It reports
// whether there was any. An import that was committed keeps its files.
func (p *project) clearTorn(ctx context.Context, dir string) (bool, error) {
	text, err := os.ReadFile(filepath.Join(dir, tornName))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	var left torn
	if err == nil {
		err = json.Unmarshal(text, &left)
	}
	if err != nil {
		return false, &view.Refusal{
			Code: "refused", Message: fmt.Sprintf("%s, in which an import noted what it was about to write, cannot be read: %s", filepath.Join(dir, tornName), err),
			Next: "look which files that import left, remove them and that file",
		}
	}
	committed, err := p.recorded(ctx, left.Run)
	if err != nil {
		return false, err
	}
	if !committed {
		removeFiles(left.unchanged(dir))
		p.view.Note("an import into " + dir + " was killed before it was recorded; the files that it left are removed")
	}
	settled(dir)
	return !committed, nil
}

// unchanged are the files that are as they were written, or empty, as a kill leaves one that was just made.
func (t *torn) unchanged(dir string) (out []string) {
	for _, f := range t.Files {
		name := filepath.FromSlash(f.Path)
		if !filepath.IsLocal(name) {
			continue
		}
		path := filepath.Join(dir, name)
		if text, err := os.ReadFile(path); err == nil && (len(text) == 0 || digestOf(text) == f.SHA256) {
			out = append(out, path)
		}
	}
	return out
}

// recorded reports whether the log knows a run. That of one which is at work cannot be told, and its files are its own.
func (p *project) recorded(ctx context.Context, run string) (bool, error) {
	conn, err := p.connect(ctx, "import")
	if err != nil {
		return false, err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	tx, err := conn.Begin(ctx)
	if err != nil {
		return false, fmt.Errorf("look for an import that was interrupted: %w", err)
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }()
	if err := p.lockRuns(ctx, tx); err != nil {
		return false, err
	}
	entries, err := history.Open(conn).Entries(ctx, 0)
	if err != nil {
		return false, notReadable(err)
	}
	return slices.ContainsFunc(entries, func(e history.Entry) bool { return e.Run == run }), nil
}
