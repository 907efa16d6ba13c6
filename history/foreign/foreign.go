package foreign

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

// Tool is the tool for which a file was written.
type Tool string

// The tools whose directories can be read. Plain is a directory of SQL files without any convention but their names' order.
const (
	Pleat         Tool = "pleat"
	Flyway        Tool = "flyway"
	Goose         Tool = "goose"
	Dbmate        Tool = "dbmate"
	GolangMigrate Tool = "golang-migrate"
	Atlas         Tool = "atlas"
	Sqitch        Tool = "sqitch"
	Prisma        Tool = "prisma"
	Drizzle       Tool = "drizzle"
	Tern          Tool = "tern"
	SQLMigrate    Tool = "sql-migrate"
	Diesel        Tool = "diesel"
	Plain         Tool = "plain"
)

// Kind tells apart what a tool runs once, runs again, or takes as given.
type Kind string

const (
	// Versioned runs once.
	Versioned Kind = "versioned"
	// Repeatable runs whenever its text changed (Flyway's R files).
	Repeatable Kind = "repeatable"
	// Baseline stands for all files before it (Flyway's B files, Atlas' checkpoints).
	Baseline Kind = "baseline"
)

// Dir is a directory as it was when it was read.
type Dir struct {
	Path  string
	Tool  Tool
	Files []File // in the order in which the tool runs them
	// Skipped are entries that look like migrations and are not read, with the reason.
	Skipped []Skipped
}

// Skipped is a file that was not read.
type Skipped struct{ Path, Reason string }

// File is one migration: a file, or two that belong together.
type File struct {
	// Path is the file that leads up, below the directory's path as it was given.
	Path          string
	Version, Name string
	// Phase is "expand" or "contract" for the halves of a change that pleat split.
	Phase    string
	Tool     Tool
	Kind     Kind
	Up, Down Script
	// Context is set where nobody asked for the file and it was read for what comes before; see [Options].
	Context bool
	// HasDown reports whether there is a way back with at least one statement.
	HasDown bool
}

// Script is the text of one direction.
type Script struct {
	// Path is the file that holds it; that of the way up where both are in one file, and empty where there is none.
	Path string
	// Text is the whole file: no byte order mark, LF line ends.
	Text  string
	Units []Unit
	// NoTransaction is set where the file itself asks to run outside of a transaction.
	NoTransaction bool
	// Placeholders are the names of ${name} in the text, each once; the statements hold identifiers in their place.
	Placeholders []string
	Problems     []Problem
	Allows       []Allow
}

// Statements are those of all units.
func (s *Script) Statements() (out []Statement) {
	for _, u := range s.Units {
		out = append(out, u.Statements...)
	}
	return out
}

// Unit is a run of statements that share a transaction, or one statement that has none of its own.
type Unit struct {
	// Transactional is set where the tool or the file opens a transaction around the unit.
	Transactional bool
	// OneMessage is set where nobody does, but the statements are sent in one message, which PostgreSQL runs as one
	// transaction.
	OneMessage bool
	// Step is the number of pleat's step; 0 elsewhere.
	Step int
	// Batched is set where the statement is run range by range.
	Batched    bool
	Statements []Statement
}

// Statement is one SQL statement without its semicolon.
type Statement struct {
	SQL          string
	Line, Column int // from 1, the column in characters
}

// Allow is "-- pleat: allow CODE reason": a finding that the author accepts.
type Allow struct {
	Code, Reason string
	Line         int
	// Step is the number of pleat's step for which it holds; Statement is the line of the one statement for which it
	// holds. With neither it holds for the file.
	Step, Statement int
}

// Problem is a place of a file that cannot be read as a migration.
type Problem struct {
	Path         string
	Line, Column int // 0 where the file as a whole is meant
	// Summary says what is wrong, Hint how to mend it.
	Summary, Hint string
	// PsqlOnly is set where a part that only psql can run was left out and the rest was read.
	PsqlOnly bool
}

// Error is one line.
func (p Problem) Error() string {
	if p.Line == 0 {
		return p.Path + ": " + p.Summary
	}
	return fmt.Sprintf("%s:%d:%d: %s", p.Path, p.Line, p.Column, p.Summary)
}

// format is what a tool's directory looks like.
type format struct {
	tool Tool
	// match reports whether the listing is one of the tool.
	match func(*listing) bool
	// read gives the migrations in order.
	read func(*listing) []File
}

// formats in the order in which they are tried: a file that only one tool writes says more than names, names say more
// than a line inside of a file.
func formats() []format {
	return []format{
		{Pleat, isPleat, readPleat},
		{Sqitch, isSqitch, readSqitch},
		{Drizzle, isDrizzle, readDrizzle},
		{Prisma, isPrisma, readPrisma},
		{Diesel, isDiesel, readDiesel},
		{Goose, isGoose, readGoose},
		{Dbmate, isDbmate, readDbmate},
		{SQLMigrate, isSQLMigrate, readSQLMigrate},
		{Flyway, isFlyway, readFlyway},
		{GolangMigrate, isGolangMigrate, readGolangMigrate},
		{Atlas, isAtlas, readAtlas},
		{Tern, isTern, readTern},
		{Plain, isPlain, readPlain},
	}
}

// Options narrow what is read.
type Options struct {
	// Only, where set, reports whether a file is of interest, by its path below the directory as it was given. A migration is read
	// when one of its files is.
	Only func(path string) bool
	// Context keeps the migrations that Only leaves out, marked as such: what they make is what the others build on.
	Context bool
}

// read applies the options to a listing.
func (o Options) read(l *listing, f format) []File {
	if o.Only == nil || !o.Context {
		l.only = o.Only
		return f.read(l)
	}
	files := f.read(l)
	for i := range files {
		files[i].Context = !o.Only(files[i].Path) && (files[i].Down.Path == "" || !o.Only(files[i].Down.Path))
	}
	return files
}

// wanted reports whether a file is in the list that is no context.
func wanted(files []File) bool {
	return slices.ContainsFunc(files, func(f File) bool { return !f.Context })
}

// Detect tells which tool a directory belongs to. The error is an *UnknownError where no SQL migrations are in it.
func Detect(dir string) (Tool, error) {
	l, err := list(dir, maxDepth)
	if err != nil {
		return "", err
	}
	f, err := l.detect()
	return f.tool, err
}

// Read reads a directory. The error is an *UnknownError where no SQL migrations are in it.
func Read(dir string, o Options) (*Dir, error) {
	l, err := list(dir, maxDepth)
	if err != nil {
		return nil, err
	}
	f, err := l.detect()
	if err != nil {
		return nil, err
	}
	files := o.read(l, f)
	return &Dir{Path: dir, Tool: f.tool, Files: files, Skipped: l.skipped}, nil
}

// ReadFiles reads files, each by the conventions of the directory in which it lies, with the file of its way back. Files of
// one directory are in one result. With context, the other migrations of the directory are in it too, if it is one of a tool.
func ReadFiles(paths []string, context bool) (out []*Dir, err error) {
	var homes []string
	groups := map[string][]string{}
	depths := map[string]int{}
	for _, path := range paths {
		info, err := os.Stat(path)
		switch {
		case err != nil:
			return nil, fmt.Errorf("read migration: %w", err)
		case !info.Mode().IsRegular():
			return nil, fmt.Errorf("read migration: %s is no regular file", path)
		}
		dir, depth := homeOf(path)
		if !slices.Contains(homes, dir) {
			homes = append(homes, dir)
		}
		groups[dir] = append(groups[dir], path)
		depths[dir] = max(depths[dir], depth)
	}
	for _, dir := range homes {
		out = append(out, readGroup(dir, depths[dir], groups[dir], context)...)
	}
	return out, nil
}

// readGroup reads files of one directory.
func readGroup(dir string, depth int, paths []string, context bool) (out []*Dir) {
	l, err := list(dir, depth)
	if err == nil {
		f, err := l.detect()
		if err == nil && f.tool != Plain {
			asked := func(p string) bool {
				return slices.ContainsFunc(paths, func(q string) bool { return filepath.Clean(q) == filepath.Clean(p) })
			}
			o := Options{Context: context, Only: asked}
			if files := o.read(l, f); wanted(files) {
				out = append(out, &Dir{Path: dir, Tool: f.tool, Files: files})
			}
		}
	}
	for _, path := range paths {
		if slices.ContainsFunc(out, func(d *Dir) bool { return d.holds(path) }) {
			continue
		}
		text, problem := loadAny(path)
		alone := readText(path, text, problem)
		if n := len(out); n > 0 && out[n-1].Tool == alone.Tool {
			out[n-1].Files = append(out[n-1].Files, alone.Files...)
			continue
		}
		out = append(out, alone)
	}
	return out
}

// holds reports whether one of the directory's migrations has the file.
func (d *Dir) holds(path string) bool {
	return slices.ContainsFunc(d.Files, func(f File) bool {
		return filepath.Clean(f.Path) == filepath.Clean(path) || filepath.Clean(f.Down.Path) == filepath.Clean(path)
	})
}

// homeOf is the directory of the tool to which a file belongs, and how deep it has to be read.
func homeOf(path string) (dir string, depth int) {
	home := filepath.Dir(path)
	for dir := home; ; dir = filepath.Dir(dir) {
		name := filepath.Base(dir)
		if exists(filepath.Join(filepath.Dir(dir), sqitchPlan)) && (name == "deploy" || name == "revert" || name == "verify") {
			return filepath.Dir(dir), maxDepth
		}
		if dir == filepath.Dir(dir) {
			break
		}
	}
	switch filepath.Base(path) {
	case "migration.sql", "up.sql", "down.sql":
		return filepath.Join(home, ".."), 2
	}
	if exists(filepath.Join(home, drizzleJournal)) {
		return home, 2
	}
	return home, 1
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// ReadText reads a text that stands alone, such as standard input, by what is in it.
func ReadText(name string, text []byte) *Dir {
	clean, problem := decode(name, text)
	return readText(name, clean, problem)
}

// readText takes the tool from a file's name and text alone.
func readText(path, text string, problem *Problem) *Dir {
	rel := filepath.Base(path)
	l := &listing{root: filepath.Dir(path), entries: []entry{{rel: rel}}, given: map[string]given{rel: {text, problem}}}
	for _, f := range formats() {
		if f.tool == Plain || f.match(l) {
			if files := f.read(l); len(files) > 0 {
				return &Dir{Path: path, Tool: f.tool, Files: files, Skipped: l.skipped}
			}
		}
	}
	s := l.script(rel)
	s.whole(Automatic)
	return &Dir{Path: path, Tool: Plain, Files: []File{file(Plain, "", rel, s, nil)}}
}
