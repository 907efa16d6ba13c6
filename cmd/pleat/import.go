package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/pleatdb/pleat/cmd/internal/connect"
	"github.com/pleatdb/pleat/cmd/internal/view"
	"github.com/pleatdb/pleat/history"
	"github.com/pleatdb/pleat/history/migration"
	"github.com/pleatdb/pleat/schema"
	"github.com/pleatdb/pleat/schema/hclfile"
)

type importOptions struct {
	shared
	out, split, from, legacy string
}

func (o *importOptions) addFlags(fs *pflag.FlagSet) {
	o.shared.addFlags(fs)
	fs.StringVar(&o.out, "out", ".", "directory of the new project")
	fs.StringVar(&o.split, "split", "schema", "one file per schema or per table")
	fs.StringVar(&o.from, "from", "", "tool whose history is taken over")
	fs.StringVar(&o.legacy, "legacy", "", "directory of that tool's migrations")
	_ = fs.MarkHidden("from")
	_ = fs.MarkHidden("legacy")
}

func newImportCmd(a *app) *cobra.Command {
	var o importOptions
	c := &cobra.Command{
		Use:   "import",
		Short: "Begin to manage a database that is there",
		Long: `import writes a project for the database as it is: schema files, a project file, an empty directory of migrations. In the
database it records a baseline, up to which everything counts as present, with a snapshot. A plan right after it finds no changes.
Files that exist are never overwritten.

Example: pleat import --url postgres://localhost/app --out .` + exitCodes,
		Args: cobra.NoArgs,
		RunE: a.action(&o.shared, func(ctx context.Context, v *view.View, _ []string) error { return runImport(ctx, a, v, o) }),
	}
	o.addFlags(c.Flags())
	return c
}

func runImport(ctx context.Context, a *app, v *view.View, o importOptions) error {
	if o.from != "" || o.legacy != "" {
		return &view.Refusal{Code: "not-built", Message: "taking over another tool's history (--from, --legacy) is not built yet",
			Next: "import without it: what is there becomes the baseline"}
	}
	if err := oneOf("split", o.split, "schema", "table"); err != nil {
		return err
	}
	p, err := a.withoutSchema(v, &o.shared)
	if err != nil {
		return err
	}
	conn, err := p.connect(ctx, "import", connect.ReadWrite())
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	live, err := p.inspect(ctx, conn)
	if err != nil {
		return err
	}
	v.Unmanaged(live)
	files, err := o.files(live)
	if err != nil {
		return err
	}
	// A second before now, so that a migration that is planned within this second comes after it.
	baseline, err := migration.NextVersion("", a.now().Add(-time.Second))
	if err != nil {
		return err
	}
	doc := &view.Import{Database: p.database(), Objects: live.Len(), Baseline: baseline, Next: "pleat plan"}
	doc.Files, err = takeover{project: p, conn: conn, live: live, baseline: baseline, out: o.out, files: files}.run(ctx)
	if err != nil {
		return err
	}
	return v.Show(doc)
}

// files is the new project by path below the directory.
func (o *importOptions) files(live *schema.Catalog) (map[string][]byte, error) {
	written, err := hclfile.Write(live, hclfile.WriteOptions{Split: o.split})
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{"pleat.hcl": []byte(projectFile)}
	for name, text := range written {
		files[filepath.Join("schema", name)] = text
	}
	return files, missing(o.out, files)
}

// takeover is all that an import writes.
type takeover struct {
	project  *project
	conn     *pgx.Conn
	live     *schema.Catalog
	baseline string
	out      string
	files    map[string][]byte
}

// run writes the baseline and the files, both or none: the files are written before the transaction commits. It returns
// the files' paths.
func (t takeover) run(ctx context.Context) (written []string, err error) {
	log := history.Open(t.conn)
	exists, err := log.Exists(ctx)
	if err != nil {
		return nil, err
	}
	if exists {
		return nil, &view.Refusal{Code: "refused", Message: "this database has a history of pleat's already", Next: "use pleat inspect to write its schema files anew"}
	}
	a := t.project.app
	event := history.Event{Run: history.NewRunID(a.now()), Client: history.LocalClient("pleat import"), Tool: a.tool()}
	err = pgx.BeginFunc(ctx, t.conn, func(tx pgx.Tx) (err error) {
		if err := log.Create(ctx, tx, event); err != nil {
			return fmt.Errorf("record the baseline: %w", err)
		}
		if _, err := log.Baseline(ctx, tx, event, t.baseline, t.live); err != nil {
			return fmt.Errorf("record the baseline: %w", err)
		}
		written, err = newProject(t.out, t.files)
		return err
	})
	return written, err
}

// newProject writes a project's files with an empty directory of migrations, and takes them away again if it cannot write all.
func newProject(dir string, files map[string][]byte) ([]string, error) {
	migrations := filepath.Join(dir, "migrations")
	written, err := writeFiles(dir, files)
	if err == nil {
		err = os.MkdirAll(migrations, 0o755)
	}
	if err == nil {
		err = migration.Rehash(migrations)
		written = append(written, filepath.Join(migrations, migration.SumFile))
	}
	if err != nil {
		for _, path := range written {
			_ = os.Remove(path)
		}
		return nil, fmt.Errorf("write the project: %w", err)
	}
	return written, nil
}

// missing refuses to overwrite files.
func missing(dir string, files map[string][]byte) error {
	for _, name := range append(names(files), filepath.Join("migrations", migration.SumFile)) {
		path := filepath.Join(dir, name)
		if _, err := os.Lstat(path); err == nil {
			return &view.Refusal{Code: "refused", Message: path + " exists, and nothing is overwritten", Next: "choose an empty directory with --out"}
		} else if !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("look for %s: %w", path, err)
		}
	}
	return nil
}
