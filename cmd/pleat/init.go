package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/pleatdb/pleat/cmd/internal/view"
)

// projectFile is the pleat.hcl of a new project.
const projectFile = `# The project file of pleat. The database comes from --url, from an environment below (--env), from PLEAT_URL or
# DATABASE_URL, or from libpq's own variables.
schema     = "schema"
migrations = "migrations"

# env "prod" {
#   url      = urluserinfo("postgres://db.example.org/app", "migrator", file("/run/secrets/password"))
#   contract = "gated"
# }
`

// schemaFile is the first schema file of a new project.
const schemaFile = `schema "public" {}

# table "users" {
#   schema = schema.public
#   column "id" {
#     type = bigint
#     identity {
#       generated = ALWAYS
#     }
#   }
#   column "email" {
#     type = text
#   }
#   primary_key {
#     columns = [column.id]
#   }
# }
`

func newInitCmd(a *app) *cobra.Command {
	var o shared
	var out string
	c := &cobra.Command{
		Use:   "init",
		Short: "Begin a project without a database",
		Long: `init writes a project file, a first schema file and an empty directory of migrations. To begin with a database that is there, use
import. Files that exist are never overwritten.

Example: pleat init` + exitCodes,
		Args: cobra.NoArgs,
		RunE: a.action(&o, func(_ context.Context, v *view.View, _ []string) error { return runInit(v, out) }),
	}
	o.addFlags(c.Flags())
	c.Flags().StringVar(&out, "out", ".", "directory of the new project")
	return c
}

func runInit(v *view.View, out string) error {
	files := map[string][]byte{"pleat.hcl": []byte(projectFile), "schema/public.hcl": []byte(schemaFile)}
	if err := missing(out, files); err != nil {
		return err
	}
	written, err := newProject(out, usual.migrations, files)
	if err != nil {
		return err
	}
	doc := &view.Import{Files: written, Next: "describe your tables in schema/, then: pleat plan"}
	doc.Unmanaged = []string{}
	return v.Show(doc)
}
