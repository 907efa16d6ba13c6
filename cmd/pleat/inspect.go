package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/pleatdb/pleat/cmd/internal/view"
	"github.com/pleatdb/pleat/planner"
	"github.com/pleatdb/pleat/schema"
	"github.com/pleatdb/pleat/schema/hclfile"
)

type inspectOptions struct {
	shared
	out, format, split string
}

func (o *inspectOptions) addFlags(fs *pflag.FlagSet) {
	o.shared.addFlags(fs)
	fs.StringVar(&o.out, "out", "", "file (ending in .hcl, .sql or .json) or directory to write (default: standard output)")
	fs.StringVar(&o.format, "format", "hcl", "hcl, sql or json")
	fs.StringVar(&o.split, "split", "schema", "one file per schema or per table, in a directory")
}

func newInspectCmd(a *app) *cobra.Command {
	var o inspectOptions
	c := &cobra.Command{
		Use:   "inspect",
		Short: "Write down what the database looks like",
		Long: `inspect reads the database and prints it as HCL, SQL or JSON. It changes nothing and needs no rights on the tables. What pleat does
not model, and so never touches, is listed on standard error.

Example: pleat inspect --url postgres://localhost/app
         pleat inspect --out schema --split table` + exitCodes,
		Args: cobra.NoArgs,
		RunE: a.action(&o.shared, func(ctx context.Context, v *view.View, _ []string) error { return runInspect(ctx, a, v, o) }),
	}
	o.addFlags(c.Flags())
	return c
}

func runInspect(ctx context.Context, a *app, v *view.View, o inspectOptions) error {
	if err := oneOf("format", o.format, "hcl", "sql", "json"); err != nil {
		return err
	}
	if err := oneOf("split", o.split, "schema", "table"); err != nil {
		return err
	}
	p, err := a.withoutSchema(v, &o.shared)
	if err != nil {
		return err
	}
	conn, err := p.connect(ctx, "inspect")
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	major, err := majorOf(ctx, conn)
	if err != nil {
		return err
	}
	live, err := p.inspect(ctx, conn)
	if err != nil {
		return err
	}
	v.Unmanaged(live)
	doc := &view.Inspection{Database: p.database(), Objects: live.Len(), Format: o.format, Files: []string{}}
	if err := o.render(doc, live, major); err != nil {
		return err
	}
	return v.Show(doc)
}

// render puts the state into the document, or into the files that were asked for.
func (o *inspectOptions) render(doc *view.Inspection, live *schema.Catalog, major int) error {
	files, err := o.files(live, major)
	if err != nil {
		return err
	}
	if o.out == "" {
		if o.format == "json" && o.json {
			doc.Catalog = live
			return nil
		}
		doc.Text = string(joined(files))
		return nil
	}
	if ext := "." + o.format; strings.HasSuffix(o.out, ext) || o.format != "hcl" {
		files = map[string][]byte{filepath.Base(o.out): joined(files)}
		doc.Files, err = writeFiles(filepath.Dir(o.out), files)
		return err
	}
	doc.Files, err = writeFiles(o.out, files)
	return err
}

// files is the state in the format asked for, by file name.
func (o *inspectOptions) files(live *schema.Catalog, major int) (map[string][]byte, error) {
	switch o.format {
	case "json":
		text, err := live.MarshalJSON()
		return map[string][]byte{"catalog.json": append(text, '\n')}, err
	case "sql":
		text, err := script(live, major)
		return map[string][]byte{"schema.sql": text}, err
	}
	return hclfile.Write(live, hclfile.WriteOptions{Split: o.split})
}

// script is the SQL that makes the state in an empty database.
func script(live *schema.Catalog, major int) ([]byte, error) {
	wanted := live.Clone()
	for _, id := range live.IDs() {
		if id.Kind == schema.KindUnmanaged {
			wanted.Remove(id)
		}
	}
	statements, err := planner.Statements(fresh(wanted), wanted, planner.Options{Major: major})
	if err != nil {
		return nil, fmt.Errorf("write SQL: %w", err)
	}
	var b strings.Builder
	for _, s := range statements {
		b.WriteString(s.SQL + ";\n")
	}
	return []byte(b.String()), nil
}

// fresh is the part of a state that every new database has: schema public and the extension plpgsql.
func fresh(c *schema.Catalog) *schema.Catalog {
	out := schema.New()
	for _, id := range c.IDs() {
		of := id.Target()
		if of.Kind == schema.KindSchema && of.Name == "public" || of.Kind == schema.KindExtension && of.Name == "plpgsql" {
			out.Put(c, id)
		}
	}
	return out
}

// joined puts files one after the other, in the order of their names.
func joined(files map[string][]byte) []byte {
	var out []byte
	for i, name := range names(files) {
		if i > 0 {
			out = append(out, '\n')
		}
		out = append(out, files[name]...)
	}
	return out
}

func names(files map[string][]byte) []string {
	out := make([]string, 0, len(files))
	for name := range files {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

// writeFiles writes files below a directory and returns their paths, sorted.
func writeFiles(dir string, files map[string][]byte) ([]string, error) {
	out := []string{}
	for _, name := range names(files) {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return out, fmt.Errorf("create directory: %w", err)
		}
		if err := os.WriteFile(path, files[name], 0o644); err != nil {
			return out, fmt.Errorf("write file: %w", err)
		}
		out = append(out, path)
	}
	return out, nil
}
