package foreign

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/pleatdb/pleat/history/migration"
)

const (
	// maxDepth is how deep below the directory files are looked for; Flyway's locations are trees.
	maxDepth = 6
	// peekFiles and peekBytes bound what is looked at to tell which tool wrote a directory.
	peekFiles, peekBytes = 64, 64 << 10
)

// UnknownError says that a directory holds no SQL migrations.
type UnknownError struct {
	Path string
	// Others are the endings of the files that are there instead, the most frequent first.
	Others []string
	// Below are directories inside of it that hold SQL files.
	Below []string
}

func (e *UnknownError) Error() string {
	switch {
	case len(e.Below) > 0:
		return fmt.Sprintf("%s holds no SQL migrations itself; there are SQL files in %s", e.Path, strings.Join(e.Below, ", "))
	case len(e.Others) == 0:
		return e.Path + " holds no SQL migrations"
	}
	return fmt.Sprintf("%s holds no SQL migrations, only %s files, which cannot be read without running them",
		e.Path, strings.Join(e.Others, ", "))
}

// entry is a file of a listing, by its path with slashes below the root.
type entry struct {
	rel  string
	size int64
}

// listing is a directory's files.
type listing struct {
	root    string
	entries []entry // sorted by path
	only    func(string) bool
	skipped []Skipped
	// given are texts that are known already, by path.
	given  map[string]given
	marked map[Tool]bool
}

type given struct {
	text    string
	problem *Problem
}

// list reads the tree below a directory, so many levels of it: neither hidden entries, nor links to directories.
func list(dir string, depth int) (*listing, error) {
	l := &listing{root: dir}
	others := map[string]int{}
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		rel, relErr := filepath.Rel(dir, p)
		switch {
		case err != nil:
			if rel == "." {
				return err
			}
			l.skip(filepath.ToSlash(rel), "cannot be read: "+cause(err).Error())
			return nil
		case relErr != nil:
			return relErr
		case rel == ".":
			return nil
		case strings.HasPrefix(d.Name(), "."), d.Name() == "node_modules":
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		case d.IsDir():
			if strings.Count(filepath.ToSlash(rel), "/")+1 >= depth {
				return fs.SkipDir
			}
			return nil
		}
		l.add(filepath.ToSlash(rel), others)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read migrations: %w", err)
	}
	slices.SortFunc(l.entries, func(a, b entry) int { return strings.Compare(a.rel, b.rel) })
	// A directory of pleat's own may be empty: right after an import it is.
	if !l.has(migration.SumFile) && !slices.ContainsFunc(l.entries, func(e entry) bool { return strings.HasSuffix(e.rel, ".sql") }) {
		return nil, &UnknownError{Path: dir, Others: frequent(others)}
	}
	return l, nil
}

func (l *listing) add(rel string, others map[string]int) {
	info, err := os.Stat(filepath.Join(l.root, filepath.FromSlash(rel)))
	switch {
	case err != nil:
		l.skip(rel, "cannot be read: "+cause(err).Error())
	case !info.Mode().IsRegular():
		if strings.HasSuffix(rel, ".sql") {
			l.skip(rel, "is no regular file")
		}
	default:
		l.entries = append(l.entries, entry{rel, info.Size()})
		if ext := path.Ext(rel); ext != "" {
			others[ext]++
		}
	}
}

func (l *listing) skip(rel, reason string) {
	l.skipped = append(l.skipped, Skipped{Path: l.path(rel), Reason: reason})
}

func cause(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

// frequent are the three keys with the highest counts.
func frequent(counts map[string]int) (out []string) {
	for k := range counts {
		out = append(out, k)
	}
	slices.SortFunc(out, func(a, b string) int {
		if counts[a] != counts[b] {
			return counts[b] - counts[a]
		}
		return strings.Compare(a, b)
	})
	return out[:min(len(out), 3)]
}

func (l *listing) detect() (format, error) {
	for _, f := range formats() {
		if f.match(l) {
			return f, nil
		}
	}
	e := &UnknownError{Path: l.root}
	for _, entry := range l.entries {
		dir := path.Dir(entry.rel)
		if name := path.Base(entry.rel); name == "migration.sql" || name == "up.sql" || name == "down.sql" {
			dir = path.Dir(dir) // each migration has a directory of its own there
		}
		dir = l.path(dir)
		if strings.HasSuffix(entry.rel, ".sql") && len(e.Below) < 3 && !slices.Contains(e.Below, dir) {
			e.Below = append(e.Below, dir)
		}
	}
	return format{}, e
}

// path is where a file lies, as the user would write it.
func (l *listing) path(rel string) string { return filepath.Join(l.root, filepath.FromSlash(rel)) }

func (l *listing) has(rel string) bool {
	_, ok := slices.BinarySearchFunc(l.entries, rel, func(e entry, rel string) int { return strings.Compare(e.rel, rel) })
	return ok
}

// wanted reports whether one of a migration's files is of interest.
func (l *listing) wanted(rels ...string) bool {
	return l.only == nil || slices.ContainsFunc(rels, func(rel string) bool { return rel != "" && l.only(l.path(rel)) })
}

// alone says that there is one text and no directory, so that its name says nothing.
func (l *listing) alone() bool { return l.given != nil }

// top are the .sql files that lie in the directory itself, in the order of their names.
func (l *listing) top() (out []string) {
	for _, e := range l.entries {
		if (strings.HasSuffix(e.rel, ".sql") || l.alone()) && !strings.Contains(e.rel, "/") {
			out = append(out, e.rel)
		}
	}
	slices.Sort(out)
	return out
}

// children are the directories that hold a file of that name, in the order of their names: NAME/migration.sql.
func (l *listing) children(file string) (out []string) {
	for _, e := range l.entries {
		dir, base := path.Split(e.rel)
		if base == file && strings.Count(dir, "/") == 1 {
			out = append(out, strings.TrimSuffix(dir, "/"))
		}
	}
	slices.Sort(out)
	return out
}

// marks reports whether one of the first files holds a line that only the tool's files hold.
func (l *listing) marks(t Tool) bool {
	if l.marked == nil {
		l.marked = map[Tool]bool{}
		for i, rel := range l.top() {
			if i == peekFiles {
				break
			}
			for line := range strings.Lines(l.head(rel)) {
				if tool := toolOfLine(line); tool != "" {
					l.marked[tool] = true
				}
			}
		}
	}
	return l.marked[t]
}

// head is the beginning of a file; empty where it cannot be read, which is reported when it is read as a whole.
func (l *listing) head(rel string) string {
	if g, ok := l.given[rel]; ok {
		return g.text
	}
	f, err := os.Open(l.path(rel))
	if err != nil {
		return ""
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, peekBytes))
	if err != nil {
		return ""
	}
	return strings.TrimPrefix(string(text), "\ufeff")
}

func loadAny(name string) (string, *Problem) {
	info, err := os.Stat(name)
	if err != nil {
		return "", &Problem{Path: name, Summary: "cannot be read: " + cause(err).Error()}
	}
	return load(name, info.Size())
}

// load reads a whole file as text. With a problem, the text is what can be shown of it.
func load(name string, size int64) (string, *Problem) {
	if size > migration.MaxSize {
		return "", tooLarge(name, size)
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return "", &Problem{Path: name, Summary: "cannot be read: " + cause(err).Error()}
	}
	return decode(name, text)
}

func tooLarge(name string, size int64) *Problem {
	return &Problem{Path: name, Summary: fmt.Sprintf("is %d MB large, the most that is read is %d MB", size>>20, migration.MaxSize>>20),
		Hint: "load rows in bulk beside the migrations"}
}

// decode refuses what is no text, at its place.
func decode(name string, raw []byte) (string, *Problem) {
	if int64(len(raw)) > migration.MaxSize {
		return "", tooLarge(name, int64(len(raw)))
	}
	if strings.HasPrefix(string(raw[:min(2, len(raw))]), "\xff\xfe") || strings.HasPrefix(string(raw[:min(2, len(raw))]), "\xfe\xff") {
		return "", &Problem{Path: name, Summary: "is UTF-16", Hint: "save it as UTF-8"}
	}
	text := strings.TrimSuffix(string(migration.Normalize(raw)), "\n")
	at, summary, hint := strings.IndexByte(text, 0), "is binary: it holds a zero byte", "a migration is UTF-8 text"
	if at < 0 && !utf8.ValidString(text) {
		at, summary, hint = firstInvalid(text), "is not UTF-8", "save it as UTF-8"
	}
	if at < 0 {
		return text, nil
	}
	line, column := place(text, at)
	return strings.ToValidUTF8(text, "\ufffd"), &Problem{Path: name, Line: line, Column: column, Summary: summary, Hint: hint}
}

func firstInvalid(text string) int {
	for i, r := range text {
		if r == utf8.RuneError {
			if _, size := utf8.DecodeRuneInString(text[i:]); size <= 1 {
				return i
			}
		}
	}
	return -1
}

// place is the line and column, from 1 and in characters, of a byte offset.
func place(text string, at int) (line, column int) {
	return strings.Count(text[:at], "\n") + 1, utf8.RuneCountInString(text[strings.LastIndexByte(text[:at], '\n')+1:at]) + 1
}
