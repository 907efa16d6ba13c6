package shadow

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/pleatdb/pleat/schema"
)

// withoutOwnComments takes the comments out of a desired state that the server writes by itself, on the schema public and on extensions, where
// the live state has them too: there a catalog leaves them out. Files say them all the same, as those that other tools wrote do.
func (s *Shadow) withoutOwnComments(ctx context.Context, live, out *schema.Catalog) error {
	var extensions []string
	for _, id := range out.IDs() {
		c, ok := out.Get(id).(*schema.Comment)
		if !ok || live.Get(id) != nil || c.Text == "" {
			continue
		}
		switch {
		case c.On == schema.ID{Kind: schema.KindSchema, Name: "public"} && live.Has(c.On) && c.Text == "standard public schema":
			out.Remove(id)
		case c.On.Kind == schema.KindExtension:
			extensions = append(extensions, c.On.Name)
		}
	}
	if len(extensions) == 0 {
		return nil
	}
	d, drop, err := s.scratch(ctx)
	if err != nil {
		return err
	}
	defer drop()
	rows, err := d.conn.Query(ctx, "SELECT name::text, coalesce(comment, '') FROM pg_catalog.pg_available_extensions WHERE name = ANY ($1)", extensions)
	if err != nil {
		return fmt.Errorf("read the extensions' own comments: %w", err)
	}
	var name, own string
	_, err = pgx.ForEachRow(rows, []any{&name, &own}, func() error {
		id := schema.CommentID(schema.ID{Kind: schema.KindExtension, Name: name})
		if c, ok := out.Get(id).(*schema.Comment); ok && c.Text == own {
			out.Remove(id)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("read the extensions' own comments: %w", err)
	}
	return nil
}
