package legacy

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// manyRows bounds how large a table may be whose rows are compared with files only to find out whether it is a history at all.
const manyRows = 100_000

// FindByFiles looks among the tables that are only possible histories for those whose rows are the files of a directory: each migration in
// effect has its file. It is for when [Find] found none: a table that was renamed, of a tool whose columns say nothing.
func FindByFiles(ctx context.Context, tx pgx.Tx, d *Dir) (out []Source, err error) {
	db, err := open(ctx, tx)
	if err != nil {
		return nil, err
	}
	for _, i := range importers() {
		found, err := i.Find(ctx, db)
		if err != nil {
			return nil, err
		}
		for _, s := range found {
			if s.Strength > Possible || s.Rows < 1 || s.Rows > manyRows {
				continue
			}
			fits, err := db.fits(ctx, tx, i, s, d)
			if err != nil {
				return nil, err
			}
			if fits {
				s.Strength, s.Why = Likely, s.Why+", and the files in "+d.Root+", which its rows name"
				out = append(out, s)
			}
		}
	}
	return out, nil
}

// fits reports whether all that a history has in effect is among the files of a directory. Nothing is locked.
func (db *Database) fits(ctx context.Context, tx pgx.Tx, i Importer, s Source, d *Dir) (bool, error) {
	h := &History{Source: s, HasDir: true}
	if err := i.Read(ctx, &Reader{Database: db, Source: &h.Source, tx: tx}, h); err != nil {
		return false, err
	}
	h.identify()
	files, err := i.Files(d, h)
	if err != nil {
		return false, err
	}
	h.Files = files
	h.identifyFiles()
	if inferrer, ok := i.(Inferrer); ok {
		inferrer.Infer(h)
		h.identify()
	}
	h.settle()
	effect := 0
	for n := range h.Entries {
		e := &h.Entries[n]
		if !e.InEffect || e.State == Baseline {
			continue
		}
		if effect++; h.File(e.Key) == nil {
			return false, nil
		}
	}
	return effect > 0 && len(h.Problems) == 0, nil
}
