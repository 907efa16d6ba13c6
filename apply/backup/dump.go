package backup

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/pleatdb/pleat/schema"
)

const (
	tablesArchive = "tables.dump"
	schemaArchive = "schema.dump"
)

// dump writes the archives of the snapshot and reads them back.
func (b *taking) dump(ctx context.Context) error {
	if !b.Settings.Dump {
		return nil
	}
	access, err := b.Access.libpq(b.conn.Config())
	if err != nil {
		return err
	}
	defer access.close()
	// The definition of everything goes beside the rows: an archive of some tables holds neither their types nor what they reference.
	b.Progress("dumping the schema")
	if err := b.archive(ctx, access, schemaArchive, "schema", "--schema-only", "--exclude-schema="+pattern(copySchema, "")); err != nil {
		return err
	}
	if err := b.readBack(ctx, schemaArchive); err != nil {
		return err
	}
	var args []string
	for _, o := range b.reach.touches {
		args = append(args, "--table="+pattern(o.namespace, o.name))
		for _, leaf := range o.leaves() {
			if leaf != o.table {
				args = append(args, "--table="+pattern(leaf.namespace, leaf.name))
			}
		}
	}
	if len(args) == 0 {
		return nil
	}
	b.Progress("dumping the touched tables")
	if err := b.archive(ctx, access, tablesArchive, "tables", args...); err != nil {
		return err
	}
	if err := b.readBack(ctx, tablesArchive); err != nil {
		return err
	}
	return b.countArchived(ctx)
}

// pattern is pg_dump's pattern for exactly one name. Between double quotes every character but a double quote stands for itself
// (documentation of psql, "Patterns").
func pattern(namespace, name string) string {
	quote := func(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }
	if name == "" {
		return quote(namespace)
	}
	return quote(namespace) + "." + quote(name)
}

// archive runs pg_dump into a file that is ours from its first byte on.
func (b *taking) archive(ctx context.Context, access *libpq, name, kind string, args ...string) error {
	f, err := create(b.dir, name)
	if err != nil {
		return err
	}
	fixed := []string{"--format=custom", "--no-password", "--lock-wait-timeout=30s", "--quote-all-identifiers", "--snapshot=" + b.snapshot}
	if b.Access.Role != "" {
		fixed = append(fixed, "--role="+b.Access.Role)
	}
	err = program(ctx, access.env, nil, f, b.tools.dump, append(fixed, args...)...)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	size, digest, err := digestOf(filepath.Join(b.dir, name))
	if err != nil {
		return err
	}
	b.manifest.Files = append(b.manifest.Files, File{Name: name, Kind: kind, Size: size, SHA256: digest, Program: b.tools.version})
	return nil
}

// readBack reads an archive from its first to its last byte.
func (b *taking) readBack(ctx context.Context, name string) error {
	b.Progress("reading " + name + " back")
	if err := readArchive(ctx, b.tools, filepath.Join(b.dir, name)); err != nil {
		return fmt.Errorf("read %s back: %w", name, err)
	}
	return nil
}

// countArchived reads the rows of each table out of the archive and counts them against the snapshot.
func (b *taking) countArchived(ctx context.Context) error {
	path := filepath.Join(b.dir, tablesArchive)
	toc, err := contents(ctx, b.tools, path)
	if err != nil {
		return err
	}
	for _, o := range b.reach.touches {
		for _, leaf := range o.leaves() {
			if leaf.kind == "f" {
				b.manifest.NotCovered = append(b.manifest.NotCovered, leaf.String()+": the rows of a foreign table are elsewhere")
				continue
			}
			if err := b.reach.w.describe(ctx, leaf); err != nil {
				return err
			}
			d := Data{Schema: leaf.namespace, Name: leaf.name, OID: leaf.oid, Columns: []string{}}
			for _, c := range leaf.columns {
				if !c.Generated {
					d.Columns = append(d.Columns, c.Name)
				}
			}
			if err := b.countOne(ctx, path, toc, &d); err != nil {
				return fmt.Errorf("read the rows of %s back: %w", leaf, err)
			}
			b.addData(o.oid, d)
		}
	}
	return nil
}

func (b *taking) countOne(ctx context.Context, path string, toc map[uint32]string, d *Data) error {
	var want int64
	if err := b.tx.QueryRow(ctx, "SELECT pg_catalog.count(*) FROM ONLY "+schema.Qualified(d.Schema, d.Name)).Scan(&want); err != nil {
		return err
	}
	count := &counter{}
	if err := readData(ctx, b.tools, path, toc, d, count); err != nil {
		return err
	}
	if d.Rows = count.lines; d.Rows != want {
		return &Error{Doing: "count", Reason: fmt.Sprintf("the archive holds %d rows, and the table has %d", d.Rows, want)}
	}
	return nil
}

func (b *taking) addData(oid uint32, d Data) {
	for i := range b.manifest.Tables {
		if b.manifest.Tables[i].OID == oid {
			b.manifest.Tables[i].Data = append(b.manifest.Tables[i].Data, d)
		}
	}
}
