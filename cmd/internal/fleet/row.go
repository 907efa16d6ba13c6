package fleet

import (
	"bufio"
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
)

// Row is a target as its source tells of it. A connection string in it may hold a password.
type Row struct {
	Name, Schema, Database, URL string
}

// Columns are the keys of a row.
var Columns = []string{"name", "schema", "database", "url"}

// Set sets what a column says; false for a column that there is not.
func (r *Row) Set(column, value string) bool {
	switch column {
	case "name":
		r.Name = value
	case "schema":
		r.Schema = value
	case "database":
		r.Database = value
	case "url":
		r.URL = value
	default:
		return false
	}
	return true
}

// RowOf reads a row that is one text: a connection string (a URL, or what begins with a key as in host=db), or a name.
func RowOf(text string) Row {
	key, _, ok := strings.Cut(text, "=")
	if strings.Contains(text, "://") || ok && strings.Trim(strings.TrimSpace(key), "abcdefghijklmnopqrstuvwxyz_") == "" {
		return Row{URL: text}
	}
	return Row{Name: text}
}

// maxFile bounds a file of targets, so that a wrong path does not fill the memory.
const maxFile = 64 << 20

// Load reads rows from a file: .csv with a head of column names, .json with a list of objects or names, .txt with a name on each line
// and comments after #.
func Load(path string) ([]Row, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("read targets: %w", err)
	}
	if info.Size() > maxFile {
		return nil, fmt.Errorf("read targets: %s has %d MB, the most is %d MB", path, info.Size()>>20, maxFile>>20)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read targets: %w", err)
	}
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	var rows []Row
	switch ending := strings.ToLower(filepath.Ext(path)); ending {
	case ".csv":
		rows, err = readCSV(text)
	case ".json":
		rows, err = readJSON(text)
	case ".txt":
		rows, err = readLines(text)
	default:
		err = fmt.Errorf("a file of targets ends in .csv, .json or .txt, not in %q", ending)
	}
	if err != nil {
		return nil, fmt.Errorf("read targets from %s: %w", path, err)
	}
	return rows, nil
}

func readCSV(text []byte) ([]Row, error) {
	r := csv.NewReader(bytes.NewReader(text))
	head, err := r.Read()
	if errors.Is(err, io.EOF) {
		return nil, nil
	}
	if err != nil {
		return nil, csvError(err)
	}
	for i, column := range head {
		head[i] = strings.TrimSpace(column)
		if !slices.Contains(Columns, head[i]) {
			return nil, fmt.Errorf("the first line names the columns, and there is no column %q: there are %s", column, strings.Join(Columns, ", "))
		}
	}
	var rows []Row
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return nil, csvError(err)
		}
		var row Row
		for i, value := range record {
			row.Set(head[i], value)
		}
		rows = append(rows, row)
	}
}

// csvError says where, and nothing of what stands there.
func csvError(err error) error {
	var parse *csv.ParseError
	if errors.As(err, &parse) {
		return fmt.Errorf("line %d: %w", parse.Line, parse.Err)
	}
	return err
}

func readJSON(text []byte) ([]Row, error) {
	var raw []json.RawMessage
	if err := json.Unmarshal(text, &raw); err != nil {
		return nil, errors.New("it must be a JSON list")
	}
	var rows []Row
	for i, element := range raw {
		var name string
		if json.Unmarshal(element, &name) == nil {
			rows = append(rows, RowOf(name))
			continue
		}
		var values map[string]string
		if err := json.Unmarshal(element, &values); err != nil {
			return nil, fmt.Errorf("element %d is neither a text nor an object of texts", i)
		}
		var row Row
		for column, value := range values {
			if !row.Set(column, value) {
				return nil, fmt.Errorf("element %d has a key %q: there are %s", i, column, strings.Join(Columns, ", "))
			}
		}
		rows = append(rows, row)
	}
	return rows, nil
}

func readLines(text []byte) ([]Row, error) {
	var rows []Row
	lines := bufio.NewScanner(bytes.NewReader(text))
	for lines.Scan() {
		line := strings.TrimSpace(lines.Text())
		if line != "" && !strings.HasPrefix(line, "#") {
			rows = append(rows, RowOf(line))
		}
	}
	return rows, lines.Err()
}

// Query reads rows by a query whose columns have the names of [Columns]. It runs in a read-only transaction.
func Query(ctx context.Context, conn *pgx.Conn, sql string) (out []Row, err error) {
	err = pgx.BeginTxFunc(ctx, conn, pgx.TxOptions{AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, sql)
		if err != nil {
			return err
		}
		defer rows.Close()
		for _, field := range rows.FieldDescriptions() {
			if !slices.Contains(Columns, field.Name) {
				return fmt.Errorf("it gives a column %q: there are %s", field.Name, strings.Join(Columns, ", "))
			}
		}
		for rows.Next() {
			row, err := scanRow(rows)
			if err != nil {
				return err
			}
			out = append(out, row)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("ask for targets: %w", err)
	}
	return out, nil
}

func scanRow(rows pgx.Rows) (row Row, err error) {
	fields := rows.FieldDescriptions()
	values := make([]*string, len(fields))
	into := make([]any, len(fields))
	for i := range values {
		into[i] = &values[i]
	}
	if err := rows.Scan(into...); err != nil {
		return row, errors.New("its columns must be texts: cast them with ::text")
	}
	for i, value := range values {
		if value != nil {
			row.Set(fields[i].Name, *value)
		}
	}
	return row, nil
}
