package legacy

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
)

// Find gives all histories of a database that are more than possible, and with a tool named also its possible ones. It sets nothing
// but the transaction's time zone and row security.
func Find(ctx context.Context, tx pgx.Tx, tool Tool) ([]Source, error) {
	db, err := open(ctx, tx)
	if err != nil {
		return nil, err
	}
	return db.find(ctx, tool)
}

// open pins what changes how rows read, and looks. Row security must not hide rows of a history.
func open(ctx context.Context, tx pgx.Tx) (*Database, error) {
	if _, err := tx.Exec(ctx, "SET LOCAL timezone = 'UTC'; SET LOCAL row_security = off", pgx.QueryExecModeSimpleProtocol); err != nil {
		return nil, fmt.Errorf("look for histories: %w", err)
	}
	return look(ctx, tx)
}

func (db *Database) find(ctx context.Context, tool Tool) (out []Source, err error) {
	for _, i := range importers() {
		if tool != "" && i.Tool() != tool {
			continue
		}
		found, err := i.Find(ctx, db)
		if err != nil {
			return nil, err
		}
		for _, s := range found {
			if s.Strength > Possible || tool != "" {
				out = append(out, s)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b Source) int {
		return strings.Compare(a.Schema+"\x00"+a.Table+"\x00"+string(a.Tool)+a.Project, b.Schema+"\x00"+b.Table+"\x00"+string(b.Tool)+b.Project)
	})
	return out, nil
}

// Read reads a history and holds it against a directory, which may be nil. The tool is kept away meanwhile and until the transaction
// ends: its advisory lock is taken and its tables are locked against writers. What speaks against the import is in the history's problems;
// where the tool runs, nothing else is read. An error means that the database or the directory could not be read.
func Read(ctx context.Context, tx pgx.Tx, s Source, d *Dir) (*History, error) {
	db, err := open(ctx, tx)
	if err != nil {
		return nil, err
	}
	i := importerOf(s.Tool)
	if i == nil {
		return nil, fmt.Errorf("read history: no importer is called %q", s.Tool)
	}
	h := &History{Source: s, HasDir: d != nil}
	if err := h.keepAway(ctx, db, i.Keys(db, &s)); err != nil || len(h.Problems) > 0 {
		return h, err
	}
	if err := i.Read(ctx, &Reader{Database: db, Source: &h.Source, tx: tx}, h); err != nil {
		return nil, err
	}
	h.identify()
	if d != nil {
		if h.Files, err = i.Files(d, h); err != nil {
			return nil, err
		}
		h.identifyFiles()
	}
	if inferrer, ok := i.(Inferrer); ok {
		inferrer.Infer(h)
		h.identify()
	}
	h.settle()
	if d == nil {
		d = &Dir{}
	}
	if err := h.match(i, d); err != nil {
		return nil, err
	}
	h.findPending()
	return h, nil
}

// Wanted says which of several histories is meant; zero fields leave it open.
type Wanted struct {
	Tool Tool
	// Table is a table's name or SCHEMA.NAME, as it is stored; Project is as in [Source].
	Table, Project string
	// Dir, where there is one, decides between tools whose tables look alike.
	Dir *Dir
}

// Choose picks one source. With nothing wanted and nothing found, or only empty tables, ok is false. The error is a *Problem.
func Choose(all []Source, w Wanted) (s Source, ok bool, err error) {
	fit := slices.DeleteFunc(slices.Clone(all), func(s Source) bool { return !w.fits(&s) })
	if len(fit) > 1 && w.Dir != nil {
		fit = w.byDirectory(fit)
	}
	if len(fit) > 1 {
		if some := slices.DeleteFunc(slices.Clone(fit), func(s Source) bool { return s.Rows == 0 }); len(some) > 0 {
			fit = some
		}
	}
	switch {
	case len(fit) == 1 && (fit[0].Rows != 0 || w.Tool != ""):
		return fit[0], true, nil
	case len(fit) > 1 && fit[0].Rows != 0 || len(fit) > 1 && w.Tool != "":
		return s, false, several(fit)
	case w.Tool == "" && w.Table == "" && w.Project == "":
		return s, false, nil
	}
	return s, false, w.none(all)
}

func (w *Wanted) fits(s *Source) bool {
	table := w.Table == "" || w.Table == s.Table || w.Table == s.Schema+"."+s.Table
	return table && (w.Tool == "" || w.Tool == s.Tool) && (w.Project == "" || w.Project == s.Project)
}

// byDirectory keeps, of several tools for one table, those that find files of their own.
func (w *Wanted) byDirectory(all []Source) []Source {
	found := func(s *Source) bool {
		h := &History{Source: *s, HasDir: true}
		files, err := importerOf(s.Tool).Files(w.Dir, h)
		return err == nil && len(files) > 0
	}
	twin := func(s *Source) bool {
		return slices.ContainsFunc(all, func(o Source) bool { return o.Schema == s.Schema && o.Table == s.Table && o.Tool != s.Tool })
	}
	some := slices.DeleteFunc(slices.Clone(all), func(s Source) bool { return twin(&s) && !found(&s) })
	if len(some) == 0 {
		return all
	}
	return some
}

// several is the refusal to choose among histories.
func several(fit []Source) error {
	var list []string
	same := true
	for _, s := range fit {
		list = append(list, s.describe())
		same = same && s.Schema == fit[0].Schema && s.Table == fit[0].Table && s.Project == ""
	}
	if same {
		p := problemf(Ambiguous, "", "say which it is with --from, or where its files are with --legacy", "the table %s could be that of %s", &fit[0], strings.Join(list, " or "))
		return &p
	}
	next := "choose one with --from TOOL, and --table SCHEMA.TABLE where that is not enough"
	if slices.ContainsFunc(fit, func(s Source) bool { return s.Project != "" }) {
		next = "choose one with --project NAME, or with --from TOOL"
	}
	p := problemf(SeveralHistories, "", next, "the database holds %d histories: %s", len(fit), strings.Join(list, "; "))
	return &p
}

func (s *Source) describe() string {
	text := fmt.Sprintf("%s in %s (%d rows)", s.Tool, s, s.Rows)
	if s.Project != "" {
		text += ", project " + s.Project
	}
	return text
}

// none is the refusal to go on without what was asked for.
func (w *Wanted) none(all []Source) error {
	what := "such a history"
	if w.Tool != "" {
		what = "a history of " + string(w.Tool)
	}
	next := "without --from, what is there becomes the baseline"
	if len(all) > 0 {
		var list []string
		for _, s := range all {
			list = append(list, s.describe())
		}
		next = "there is " + strings.Join(list, "; ")
	}
	p := problemf(NoHistory, "", next, "no table of the database has the columns of %s", what)
	return &p
}

// IsUnreadable finds the error of a table that the role may not read.
func IsUnreadable(err error) (*UnreadableError, bool) {
	var e *UnreadableError
	return e, errors.As(err, &e)
}
