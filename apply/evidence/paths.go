package evidence

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/pleatdb/pleat/schema"
)

// most bounds how many search_paths a statement is tried under.
const most = 24

// paths are the search_paths of roles in this database.
type paths struct {
	// general is the path of roles without one of their own.
	general string
	own     map[string]string
	// all are the different ones, the general one first.
	all []string
}

// readPaths reads them by precedence: role in the database, role, database, server (documentation, ALTER ROLE).
func readPaths(ctx context.Context, conn *pgx.Conn) (*paths, error) {
	p := &paths{own: map[string]string{}}
	if err := conn.QueryRow(ctx, `
		SELECT coalesce(
			(SELECT substr(one, 13) FROM pg_db_role_setting r, unnest(r.setconfig) AS one
			 WHERE r.setrole = 0 AND r.setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database()) AND starts_with(one, 'search_path=')),
			(SELECT CASE WHEN source IN ('default', 'configuration file', 'command line', 'environment variable') THEN setting ELSE boot_val END
			 FROM pg_settings WHERE name = 'search_path'))`, asking).Scan(&p.general); err != nil {
		return nil, fmt.Errorf("read search paths: %w", err)
	}
	rows, err := conn.Query(ctx, `
		SELECT DISTINCT ON (r.setrole) pg_get_userbyid(r.setrole)::text, substr(one, 13)
		FROM pg_db_role_setting r, unnest(r.setconfig) AS one
		WHERE r.setrole <> 0 AND starts_with(one, 'search_path=')
			AND r.setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
		ORDER BY r.setrole, r.setdatabase DESC`, asking)
	if err != nil {
		return nil, fmt.Errorf("read search paths: %w", err)
	}
	var role, path string
	p.all = append(p.all, p.general)
	_, err = pgx.ForEachRow(rows, []any{&role, &path}, func() error {
		p.own[role] = path
		if !slices.Contains(p.all, path) && len(p.all) < most {
			p.all = append(p.all, path)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read search paths: %w", err)
	}
	return p, nil
}

// add makes one more path, for those who set it in their session: a schema and public.
func (p *paths) add(namespace string) {
	path := schema.Quote(namespace) + ", public"
	if namespace != "" && !slices.Contains(p.all, path) && len(p.all) < most {
		p.all = append(p.all, path)
	}
}

// of is the path of a role. "$user" in it would be the shadow's own role, so the name is filled in.
func (p *paths) of(role string) string {
	path, ok := p.own[role]
	if !ok {
		path = p.general
	}
	elements := strings.Split(path, ",")
	for i, element := range elements {
		if name := strings.TrimSpace(element); role != "" && (name == `"$user"` || name == "$user") {
			elements[i] = " " + schema.Quote(role)
		}
	}
	return strings.TrimSpace(strings.Join(elements, ","))
}
