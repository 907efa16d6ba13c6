package shadow

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/pleatdb/pleat/schema"
)

// standIn makes what the catalog names but a cluster holds: roles and tablespaces. On a shared server they have
// to be there already.
func (d *scratch) standIn(ctx context.Context, c *schema.Catalog) error {
	if d.shadow.server.Shared() {
		return nil
	}
	for _, role := range rolesOf(c) {
		if err := d.createOnce(ctx, "CREATE ROLE "+schema.Quote(role)+" NOLOGIN"); err != nil {
			return fmt.Errorf("stand in for role %s: %w", schema.Quote(role), err)
		}
	}
	spaces := tablespacesOf(c)
	if len(spaces) == 0 {
		return nil
	}
	// In-place tablespaces came with PostgreSQL 15 and the minor releases of its time (13.8, 14.5).
	if _, err := d.conn.Exec(ctx, "SET allow_in_place_tablespaces = on"); err != nil {
		return fmt.Errorf("stand in for tablespaces: %w", err)
	}
	for _, space := range spaces {
		if err := d.createOnce(ctx, "CREATE TABLESPACE "+schema.Quote(space)+" LOCATION ''"); err != nil {
			return fmt.Errorf("stand in for tablespace %s: %w", schema.Quote(space), err)
		}
	}
	return nil
}

// createOnce executes a CREATE and takes it as done if the object is there.
func (d *scratch) createOnce(ctx context.Context, sql string) error {
	_, err := d.conn.Exec(ctx, sql)
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.Code == "42710" { // duplicate_object
		return nil
	}
	return err
}

// rolesOf lists the roles that the catalog names, those built into every server left out.
func rolesOf(c *schema.Catalog) []string {
	seen := map[string]bool{}
	for _, id := range c.IDs() {
		switch o := c.Get(id).(type) {
		case *schema.Owner:
			seen[o.Role] = true
		case *schema.Grant:
			for _, e := range o.Entries {
				seen[e.Role], seen[e.Grantor] = true, true
			}
		case *schema.Policy:
			for _, r := range o.Roles {
				seen[unquote(r)] = true
			}
		}
	}
	return named(seen, "pg_", "current_user", "session_user", "current_role", "public")
}

// unquote reads a role name that the model holds as SQL writes it.
func unquote(name string) string {
	if strings.HasPrefix(name, `"`) && len(name) > 1 {
		return strings.ReplaceAll(name[1:len(name)-1], `""`, `"`)
	}
	return name
}

func tablespacesOf(c *schema.Catalog) []string {
	seen := map[string]bool{}
	for _, id := range c.IDs() {
		switch o := c.Get(id).(type) {
		case *schema.Table:
			seen[o.Tablespace] = true
		case *schema.Materialized:
			seen[o.Tablespace] = true
		case *schema.Index:
			seen[o.Tablespace] = true
		case *schema.PrimaryKey:
			seen[o.Index.Tablespace] = true
		case *schema.Unique:
			seen[o.Index.Tablespace] = true
		case *schema.Exclude:
			seen[o.Index.Tablespace] = true
		}
	}
	return named(seen, "pg_")
}

// named lists the names that are not empty and start with none of the prefixes, sorted.
func named(seen map[string]bool, except ...string) []string {
	var out []string
	for name := range seen {
		if name != "" && !slices.ContainsFunc(except, func(p string) bool { return strings.HasPrefix(name, p) }) {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}
