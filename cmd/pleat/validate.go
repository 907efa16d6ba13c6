package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/pleatdb/pleat/cmd/internal/view"
)

func newValidateCmd(a *app) *cobra.Command {
	var o shared
	c := &cobra.Command{
		Use:   "validate",
		Short: "Check the files without a database",
		Long: `validate reads the project file, the schema files and the migration files, and says all that is wrong with them. It needs no
database.

Example: pleat validate

Exit codes: 0 all is well; 1 an error; 2 something is wrong with the files.`,
		Args: cobra.NoArgs,
		RunE: a.action(&o, func(_ context.Context, v *view.View, _ []string) error { return runValidate(a, v, o) }),
	}
	o.addFlags(c.Flags())
	return c
}

func runValidate(a *app, v *view.View, o shared) error {
	p, err := a.project(v, &o)
	doc := &view.Checks{Checked: []string{}, Problems: []string{}}
	if err == nil {
		doc.Checked = append(doc.Checked, "the project file")
		err = errors.Join(p.checkSchema(doc), p.checkMigrations(doc))
	} else {
		p, err = &project{view: v}, doc.Found(err)
	}
	if err != nil {
		return err
	}
	doc.OK = len(doc.Problems) == 0 && len(doc.Diagnostics) == 0
	return p.judged(doc)
}

func (p *project) checkSchema(doc *view.Checks) error {
	desired, err := p.desired(p.schema)
	if err == nil {
		doc.Checked = append(doc.Checked, fmt.Sprintf("%d objects in %d schema files", desired.Catalog.Len(), len(desired.Files)))
	}
	return doc.Found(err)
}

func (p *project) checkMigrations(doc *view.Checks) error {
	dir, err := p.directory()
	if err == nil {
		_, err = dir.Migrations()
	}
	if err == nil {
		doc.Checked = append(doc.Checked, fmt.Sprintf("%d migration files in %s", len(dir.Files), p.migrations))
	}
	return doc.Found(err)
}
