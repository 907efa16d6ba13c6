package legacy

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Row is a row of a tool's table. Asking for a column that is not there, or is null, gives the zero value.
type Row struct{ fields map[string]any }

// longValue is above how many bytes a value is kept as its digest alone.
const longValue = 4096

// readRows reads a table in the order in which its rows lie. limit 0 is none.
func readRows(ctx context.Context, tx pgx.Tx, t Name, limit int) ([]Row, error) {
	query := "SELECT pg_catalog.to_jsonb(t)::text FROM ONLY " + t.SQL() + " AS t"
	if limit > 0 {
		// Without an order: the table may be an application's, and large.
		query += " LIMIT " + strconv.Itoa(limit)
	} else {
		query += " ORDER BY t.ctid"
	}
	rows, err := tx.Query(ctx, query, exec)
	if err != nil {
		return nil, unreadable(t, err)
	}
	out, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (Row, error) {
		var text string
		if err := r.Scan(&text); err != nil {
			return Row{}, err
		}
		row := Row{}
		d := json.NewDecoder(strings.NewReader(text))
		d.UseNumber()
		return row, d.Decode(&row.fields)
	})
	if err != nil {
		return nil, unreadable(t, err)
	}
	return out, nil
}

// UnreadableError says that a table of a tool cannot be read by this role.
type UnreadableError struct {
	Table Name
	Err   error
}

func (e *UnreadableError) Error() string { return "read " + e.Table.SQL() + ": " + e.Err.Error() }

// Unwrap is the server's error.
func (e *UnreadableError) Unwrap() error { return e.Err }

func unreadable(t Name, err error) error {
	var server *pgconn.PgError
	if errors.As(err, &server) && server.Code == "42501" {
		return &UnreadableError{t, err}
	}
	return fmt.Errorf("read %s: %w", t.SQL(), err)
}

// Has reports whether the row has the column with a value.
func (r Row) Has(column string) bool { return r.fields[column] != nil }

// Text is a column as text: numbers and truth values as they are printed, everything deeper as JSON.
func (r Row) Text(column string) string {
	switch v := r.fields[column].(type) {
	case nil:
		return ""
	case string:
		return v
	case json.Number:
		return v.String()
	case bool:
		return strconv.FormatBool(v)
	default:
		text, err := json.Marshal(v)
		if err != nil {
			return ""
		}
		return string(text)
	}
}

// Int is a column as an integer; ok is false where it is null or none.
func (r Row) Int(column string) (n int64, ok bool) {
	n, err := strconv.ParseInt(strings.TrimSpace(r.Text(column)), 10, 64)
	return n, err == nil
}

// Bool is a truth value; ok is false where it is null.
func (r Row) Bool(column string) (v, ok bool) {
	v, ok = r.fields[column].(bool)
	return v, ok
}

// Bytes is a column of type bytea.
func (r Row) Bytes(column string) []byte {
	text, ok := strings.CutPrefix(r.Text(column), `\x`)
	if !ok {
		return nil
	}
	b, err := hex.DecodeString(text)
	if err != nil {
		return nil
	}
	return b
}

// Value is the decoded JSON of a column of type json, jsonb or an array; numbers are json.Number.
func (r Row) Value(column string) any { return r.fields[column] }

// Time is a timestamp. local reports that the column has no time zone: the fields are then those of the clock that wrote them.
// The zero time stands for null and for infinity.
func (r Row) Time(column string) (at time.Time, local bool) {
	text := r.Text(column)
	if at, err := time.Parse(time.RFC3339Nano, text); err == nil {
		return at.UTC(), false
	}
	if at, err := time.Parse("2006-01-02T15:04:05.999999999", text); err == nil {
		return at, true
	}
	return time.Time{}, false
}

// Raw is the row as JSON with sorted keys; a value of more than 4 KiB is replaced by its length and SHA-256.
func (r Row) Raw() json.RawMessage {
	short := make(map[string]any, len(r.fields))
	for name, v := range r.fields {
		short[name] = v
		if text := r.Text(name); len(text) > longValue {
			sum := sha256.Sum256([]byte(text))
			short[name] = map[string]any{"bytes": len(text), "sha256": hex.EncodeToString(sum[:])}
		}
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(short); err != nil {
		return nil
	}
	return bytes.TrimSpace(b.Bytes())
}

// Reader reads the tables of a source. They are locked: nobody writes them meanwhile.
type Reader struct {
	Database *Database
	Source   *Source
	tx       pgx.Tx
}

// Rows reads the history's table in the order in which its rows lie.
func (q *Reader) Rows(ctx context.Context) ([]Row, error) {
	return readRows(ctx, q.tx, Name{q.Source.Schema, q.Source.Table}, 0)
}

// RowsOf reads another table of the tool; none where there is no such table.
func (q *Reader) RowsOf(ctx context.Context, namespace, name string) ([]Row, error) {
	if q.Database.Lookup(namespace, name) == nil {
		return nil, nil
	}
	return readRows(ctx, q.tx, Name{namespace, name}, 0)
}
