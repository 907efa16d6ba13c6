package legacy

import (
	"bytes"
	"context"
	"crypto/sha512"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pleatdb/pleat/history/foreign"
)

// sqlx reads _sqlx_migrations of SQLx for Rust: a row per migration, deleted when it is taken back.
type sqlx struct{}

func (sqlx) Tool() Tool { return SQLx }

// Keys is made of the database's name.
func (sqlx) Keys(db *Database, _ *Source) []int64 {
	return []int64{0x3d32ad9e * int64(crc32.ChecksumIEEE([]byte(db.Name)))}
}

// Find takes a table with SQLx' columns, of which the checksum is bytes.
func (sqlx) Find(ctx context.Context, db *Database) ([]Source, error) {
	return db.sure(ctx, SQLx, "its columns installed_on and success, and its checksum of bytes", func(t *Table) bool {
		return t.Within([]string{"version bigint|integer", "description", "installed_on", "success boolean", "checksum bytea"}, []string{"execution_time"})
	})
}

// Read takes rows by version.
func (sqlx) Read(ctx context.Context, q *Reader, h *History) error {
	rows, err := q.Rows(ctx)
	if err != nil {
		return err
	}
	slices.SortStableFunc(rows, byInt("version"))
	for _, r := range rows {
		e := Entry{Version: r.Text("version"), Name: r.Text("description"), Checksum: hex.EncodeToString(r.Bytes("checksum")), State: Applied, Row: r.Raw()}
		success, said := r.Bool("success")
		if e.Version == "" || !said {
			h.cannotRead(r, "it has no version, or does not say whether it succeeded")
			continue
		}
		e.AppliedAt, e.Local = r.Time("installed_on")
		switch n, ok := r.Int("execution_time"); {
		case ok && n >= 0:
			duration := time.Duration(n)
			e.Duration = &duration
		case ok:
			e.Note = "SQLx ended before it wrote how long this took"
		}
		if !success {
			e.State = Failed
			h.problem(Dirty, e.Version, "look how much of it took effect, end it or take it back by hand, remove its row from "+h.Source.String()+" where it is taken back or set success where it is ended, and import again",
				"SQLx says that %s is partially applied", e.label())
		}
		h.Entries = append(h.Entries, e)
	}
	return nil
}

// sqlxFile is what the reader keeps of a file: the characters that were not to count in its checksum.
type sqlxFile struct{ ignored []string }

// Files takes NUMBER_name.sql, or NUMBER_name.up.sql with .down.sql beside it. It runs whatever has not run, so that there are no gaps.
func (sqlx) Files(d *Dir, h *History) (out []File, err error) {
	ignored, err := d.sqlxIgnored()
	if err != nil {
		return nil, err
	}
	for _, rel := range d.numbered(h, sqlxName) {
		version, name, _ := sqlxName(path.Base(rel))
		f := File{Version: version, Name: name, Path: rel, SQL: &SQL{}, Extra: sqlxFile{ignored}}
		if f.Text, err = d.Read(rel); err != nil {
			return nil, err
		}
		if f.SQL.Up, err = d.sqlxScript(rel); err != nil {
			return nil, err
		}
		if back := strings.TrimSuffix(rel, ".up.sql") + ".down.sql"; back != rel && strings.HasSuffix(rel, ".up.sql") && d.Has(back) {
			f.Others = []string{back}
			if f.SQL.Down, err = d.sqlxScript(back); err != nil {
				return nil, err
			}
			f.SQL.HasDown = len(f.SQL.Down.Units) > 0
		}
		out = append(out, f)
	}
	sortByNumber(out)
	return out, nil
}

// sqlxName takes 20240101120000_create_users.up.sql apart; files that lead back are none.
func sqlxName(base string) (version, name string, ok bool) {
	rest, ok := strings.CutSuffix(base, ".sql")
	if !ok || strings.HasSuffix(rest, ".down") {
		return "", "", false
	}
	digits, name, ok := strings.Cut(strings.TrimSuffix(rest, ".up"), "_")
	n, err := strconv.ParseInt(digits, 10, 64)
	return strconv.FormatInt(n, 10), strings.ReplaceAll(name, "_", " "), ok && err == nil && allDigits(digits)
}

// sqlxScript reads a file as SQLx sends it: in one message, in a transaction unless its first line says otherwise.
func (d *Dir) sqlxScript(rel string) (foreign.Script, error) {
	text, err := d.Read(rel)
	if err != nil {
		return foreign.Script{}, err
	}
	if !bytes.HasPrefix(text, []byte("-- no-transaction")) {
		return d.Whole(rel, foreign.Wrapped)
	}
	s, err := d.oneMessage(rel)
	s.NoTransaction = true
	return s, err
}

// sqlxIgnored reads from sqlx.toml which characters do not count in checksums.
func (d *Dir) sqlxIgnored() ([]string, error) {
	for _, rel := range d.Base(func(base string) bool { return base == "sqlx.toml" }) {
		text, err := d.Read(rel)
		if err != nil {
			return nil, err
		}
		_, after, ok := strings.Cut(string(text), "ignored-chars")
		from, to := strings.Index(after, "["), strings.Index(after, "]")
		if !ok || from < 0 || to < from {
			continue
		}
		// Strings are written in TOML as in JSON, and a list may end with a comma.
		list := strings.TrimRight(after[from+1:to], ", \t\r\n")
		var chars []string
		if err := json.Unmarshal([]byte("["+list+"]"), &chars); err != nil {
			return nil, fmt.Errorf("read ignored-chars in %s: %w", rel, err)
		}
		return chars, nil
	}
	return nil, nil
}

// Verify compares the SHA-384 of the text without the characters that do not count.
func (sqlx) Verify(e *Entry, f *File, _ *History) (FileState, string) {
	if e.Checksum == "" {
		return FileUnverifiable, "SQLx recorded no checksum"
	}
	extra, _ := f.Extra.(sqlxFile)
	of := func(text []byte) string {
		for _, c := range extra.ignored {
			text = bytes.ReplaceAll(text, []byte(c), nil)
		}
		digest := sha512.Sum384(text)
		return hex.EncodeToString(digest[:])
	}
	if got := of(f.Text); got != e.Checksum {
		return FileMismatched, fmt.Sprintf("SQLx recorded the checksum %s, the file has %s%s", e.Checksum, got,
			otherEnds(f.Text, func(text []byte) bool { return of(text) == e.Checksum }))
	}
	return FileVerified, ""
}
