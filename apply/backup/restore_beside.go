package backup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/pleatdb/pleat/schema"
)

// restorePrefix begins the names of the schemas into which tables are restored beside; no inspection sees them.
const restorePrefix = "pleat_restore_"

// into is the schema beside.
func (s *restoring) into() string {
	if s.req.Into != "" {
		return s.req.Into
	}
	return restorePrefix + strings.ReplaceAll(s.entry.Run, "-", "")
}

// beside plans to restore a table into another schema, where it must not be yet.
func (s *restoring) beside(ctx context.Context, p *TablePlan) error {
	name := schema.Qualified(s.into(), p.backup.Name)
	p.Into = name
	var place, taken bool
	err := s.tx.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = $1),
		EXISTS (SELECT 1 FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relname = $2)`,
		s.into(), p.backup.Name).Scan(&place, &taken)
	if err != nil {
		return fmt.Errorf("look for the schema beside: %w", err)
	}
	if taken {
		return &Error{Doing: "restore " + p.Table, Reason: name + " is there already", Next: "drop it, or restore into another schema: --into SCHEMA"}
	}
	if !place {
		// Two tables of one restore share it.
		p.SQL = append(p.SQL, "CREATE SCHEMA IF NOT EXISTS "+schema.Quote(s.into()))
	}
	if p.From == "copy" {
		p.Insert = p.backup.Copy.Rows
		p.SQL = append(p.SQL, "CREATE TABLE "+name+" AS TABLE "+schema.Qualified(copySchema, p.backup.Copy.Table))
		return nil
	}
	var columns []string
	for _, c := range p.backup.Columns {
		if c.Generated {
			continue
		}
		kind, err := s.typeNow(ctx, c.Type)
		if err != nil {
			return err
		}
		columns, p.Columns = append(columns, schema.Quote(c.Name)+" "+kind), append(p.Columns, c.Name)
	}
	for _, d := range p.backup.Data {
		p.Insert += d.Rows
	}
	p.SQL = append(p.SQL, "CREATE TABLE "+name+" ("+strings.Join(columns, ", ")+")")
	return nil
}

// typeNow is a type if it is still there, else text, which takes every value.
func (s *restoring) typeNow(ctx context.Context, name string) (string, error) {
	var there bool
	if err := s.tx.QueryRow(ctx, "SELECT pg_catalog.to_regtype($1) IS NOT NULL", name).Scan(&there); err != nil {
		return "", fmt.Errorf("look for the type %s: %w", name, err)
	}
	if !there {
		return "pg_catalog.text", nil
	}
	return name, nil
}

// load copies the rows of the archive into the table beside.
func (s *restoring) load(ctx context.Context, p *TablePlan) error {
	major, err := strconv.Atoi(s.conn.PgConn().ParameterStatus("server_version")[:2])
	if err != nil {
		return fmt.Errorf("read the server's version: %w", err)
	}
	t, err := findTools(ctx, major)
	if err != nil {
		return err
	}
	path := filepath.Join(s.entry.Dir, tablesArchive)
	toc, err := contents(ctx, t, path)
	if err != nil {
		return err
	}
	for i := range p.backup.Data {
		d := &p.backup.Data[i]
		reader, writer := io.Pipe()
		done := make(chan error, 1)
		go func() {
			err := readData(ctx, t, path, toc, d, writer)
			_ = writer.CloseWithError(err) // always nil
			done <- err
		}()
		tag, err := s.conn.PgConn().CopyFrom(ctx, reader, "COPY "+p.Into+" ("+schema.QuoteAll(d.Columns)+") FROM STDIN")
		_ = reader.CloseWithError(errors.New("the server took no more rows"))
		if failed := <-done; err == nil {
			err = failed
		}
		if err != nil {
			return fmt.Errorf("load the rows of %s: %w", printed(d.Schema, d.Name), err)
		}
		if tag.RowsAffected() != d.Rows {
			return &Error{Doing: "load the rows of " + printed(d.Schema, d.Name), Reason: fmt.Sprintf("%d came, and the backup holds %d", tag.RowsAffected(), d.Rows)}
		}
	}
	return nil
}
