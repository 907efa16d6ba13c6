package legacy

import (
	"context"
	"fmt"
	"strings"
)

// form is how much a row looks like one of a tool's.
type form int8

// The forms.
const (
	// silent: the row does not say which migration it is about.
	silent form = iota - 1
	// alien: no row of the tool's.
	alien
	// fitting: such a row the tool writes, and others could.
	fitting
	// marked: nobody else writes such a row.
	marked
)

// fit is fitting for true.
func fit(ok bool) form {
	if ok {
		return fitting
	}
	return alien
}

// suspect is a table with columns that a tool shares with others: what else speaks for it decides.
type suspect struct {
	tool   Tool
	layout string
	// usual is set where the table's name, or a table beside it, is given by this tool alone; common where its name is what the tool
	// gives and others give too.
	usual, common bool
	// form judges a row.
	form   func(Row) form
	why    string
	beside []Name
}

// formRows is how many rows are looked at to recognise a table.
const formRows = 200

// recognise decides about a suspect. A table that this role may not read is passed over unless its name says enough.
func (db *Database) recognise(ctx context.Context, t *Table, s suspect) ([]Source, error) {
	readable, err := db.readable(ctx, t)
	if err != nil || !readable && !s.usual {
		return nil, err
	}
	if s.usual {
		out, err := db.source(ctx, t, s.tool, Likely, s.why)
		out.Layout, out.Beside = s.layout, s.beside
		return []Source{out}, err
	}
	rows, err := db.Sample(ctx, t, formRows)
	if err != nil {
		return nil, err
	}
	out := Source{Tool: s.tool, Schema: t.Schema, Table: t.Table, Layout: s.layout, Strength: s.strength(t, rows), Rows: int64(len(rows)), Why: s.why, Beside: s.beside}
	if len(rows) == formRows {
		out.Rows, err = db.countSome(ctx, t)
	}
	return []Source{out}, err
}

// countSome counts rows up to a million: the table may be an application's, and large.
func (db *Database) countSome(ctx context.Context, t *Table) (n int64, err error) {
	if err := db.tx.QueryRow(ctx, "SELECT count(*) FROM (SELECT FROM ONLY "+t.SQL()+" LIMIT 1000000) AS t", exec).Scan(&n); err != nil {
		return 0, unreadable(t.Name, err)
	}
	return n, nil
}

// strength weighs rows. An empty table counts by its name.
func (s *suspect) strength(t *Table, rows []Row) Strength {
	said, fits, marks := 0, 0, 0
	for _, r := range rows {
		f := s.form(r)
		if f != silent {
			said++
		}
		if f >= fitting {
			fits++
		}
		if f == marked {
			marks++
		}
	}
	named := s.common || strings.Contains(strings.ToLower(t.Table), "migration")
	switch {
	case said == 0 && s.common, said > 0 && marks*2 >= said, said > 0 && fits*2 >= said && named:
		return Likely
	}
	return Possible
}

// readable reports whether this role may read all rows of a table. To try would end the transaction.
func (db *Database) readable(ctx context.Context, t *Table) (ok bool, err error) {
	err = db.tx.QueryRow(ctx, `SELECT pg_catalog.has_schema_privilege(relnamespace, 'USAGE') AND pg_catalog.has_table_privilege(oid, 'SELECT')
		AND NOT pg_catalog.row_security_active(oid) FROM pg_catalog.pg_class WHERE oid = $1`, exec, t.OID).Scan(&ok)
	if err != nil {
		return false, fmt.Errorf("look whether %s can be read: %w", t.SQL(), err)
	}
	return ok, nil
}

// unnamed accounts for a row that does not say which migration it is about: nothing can be held against it.
func (h *History) unnamed(r Row, column string) {
	h.Markers = append(h.Markers, Marker{fmt.Sprintf("its %s says no migration", column), r.Raw()})
	h.problem(Unreadable, "", "repair or remove the row, after looking at what it is about, and import again",
		"a row of %s has no usable %s: %s", &h.Source, column, shorten(string(r.Raw())))
}

// shorten cuts a text that is only shown.
func shorten(text string) string {
	if len(text) > 200 {
		return strings.ToValidUTF8(text[:200], "") + "…"
	}
	return text
}

// weigh decides about all tables that a function suspects.
func (db *Database) weigh(ctx context.Context, suspicious func(t *Table) (suspect, bool)) (out []Source, err error) {
	for i := range db.Tables {
		t := &db.Tables[i]
		s, ok := suspicious(t)
		if !ok {
			continue
		}
		found, err := db.recognise(ctx, t, s)
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	return out, nil
}

// digits is how many digits a text begins with.
func digits(text string) int {
	return len(text) - len(strings.TrimLeft(text, "0123456789"))
}

// stamp reports whether a text begins with the fourteen digits of a date and a time, YYYYMMDDhhmmss.
func stamp(text string) bool {
	if digits(text) < 14 {
		return false
	}
	in := func(from, to int, low, high string) bool { return text[from:to] >= low && text[from:to] <= high }
	return in(0, 4, "1990", "2199") && in(4, 6, "01", "12") && in(6, 8, "01", "31") && in(8, 10, "00", "23") && in(10, 12, "00", "59") && in(12, 14, "00", "59")
}

// cutStamp divides a name like 20240101120000_create_users into version and name. A name without digits before it has no version.
func cutStamp(name string) (version, rest string) {
	n := digits(name)
	if n == 0 || n < len(name) && !strings.ContainsRune("_-.", rune(name[n])) {
		return "", name
	}
	return name[:n], strings.TrimLeft(name[n:], "_-.")
}

const (
	integers = "smallint|integer|bigint"
	texts    = "text|character varying"
	times    = "timestamp without time zone|timestamp with time zone"
)
