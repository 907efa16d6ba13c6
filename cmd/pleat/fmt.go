package main

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/spf13/cobra"

	"github.com/pleatdb/pleat/cmd/internal/view"
	"github.com/pleatdb/pleat/schema/hclfile"
)

func newFmtCmd(a *app) *cobra.Command {
	var o shared
	var check bool
	c := &cobra.Command{
		Use:   "fmt [PATH…]",
		Short: "Give HCL files their canonical form",
		Long: `fmt rewrites HCL files, or all *.hcl files below directories, in canonical form: indentation, spacing and alignment. Without a path it
takes the schema files and pleat.hcl.

Example: pleat fmt --check

Exit codes: 0 done, or all files are in canonical form; 1 an error; 2 some are not (--check).`,
		RunE: a.action(&o, func(_ context.Context, v *view.View, args []string) error { return runFmt(a, v, o, args, check) }),
	}
	o.addFlags(c.Flags())
	c.Flags().BoolVar(&check, "check", false, "list files that are not in canonical form, and write nothing")
	return c
}

func runFmt(a *app, v *view.View, o shared, paths []string, check bool) error {
	p, err := a.project(v, &o)
	if err != nil {
		return err
	}
	if len(paths) == 0 {
		paths = []string{p.schema}
		if p.config.Path != "" {
			paths = append(paths, p.config.Path)
		}
	}
	files, err := hclFiles(paths)
	if err != nil {
		return err
	}
	changed, err := format(files, !check)
	if err != nil {
		return err
	}
	if !check {
		return v.Show(&view.Files{Files: changed})
	}
	doc := &view.Checks{OK: len(changed) == 0, Checked: []string{fmt.Sprintf("%d files", len(files))}, Problems: []string{}}
	for _, path := range changed {
		doc.Problems = append(doc.Problems, path+" is not in canonical form")
	}
	return p.judged(doc)
}

// hclFiles lists the files that the paths name.
func hclFiles(paths []string) (files []string, err error) {
	for _, path := range paths {
		err := filepath.WalkDir(path, func(name string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() && (name == path || strings.HasSuffix(name, ".hcl")) {
				files = append(files, name)
			}
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("look for HCL files: %w", err)
		}
	}
	return files, nil
}

// format formats files and returns the paths of those that change. None is written when one cannot be read as HCL.
func format(files []string, write bool) ([]string, error) {
	changed := []string{}
	texts := map[string][]byte{}
	broken := &view.DiagnosticsError{Files: map[string]*hcl.File{}}
	for _, path := range files {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("read file: %w", err)
		}
		file, diags := hclsyntax.ParseConfig(text, path, hcl.InitialPos)
		broken.Diags, broken.Files[path] = append(broken.Diags, diags...), file
		if formatted := hclfile.Format(text); !bytes.Equal(text, formatted) {
			changed, texts[path] = append(changed, path), formatted
		}
	}
	if broken.Diags.HasErrors() {
		return nil, broken
	}
	if !write {
		return changed, nil
	}
	_, err := writeFiles("", texts)
	return changed, err
}
