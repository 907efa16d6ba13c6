package backup

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/pleatdb/pleat/schema/sqltext"
)

// definition adds the tables that a statement drops, rewrites or takes columns from, and follows what it renames.
func (r *reach) definition(ctx context.Context, f sqltext.Fact) error {
	switch f.Command {
	case sqltext.CreateTable, sqltext.CreateTableAs, sqltext.CreateView:
		r.w.make(f.Objects[0].Name)
	case sqltext.AlterTable:
		return r.altered(ctx, f)
	case sqltext.DropObjects:
		for _, o := range f.Objects {
			if err := r.dropped(ctx, o, f.Cascade); err != nil {
				return err
			}
		}
	case sqltext.RenameObject:
		r.renamed(f)
	case sqltext.SetSchema:
		if len(f.Objects) == 1 && isRelation(f.Objects[0].Kind) {
			r.w.move(f.Objects[0].Name, func(n sqltext.Name) sqltext.Name { return sqltext.Name{Schema: f.NewName, Name: n.Name} })
		}
	case sqltext.Cluster, sqltext.Vacuum:
		for _, o := range f.Objects {
			if t := r.w.find(o.Name); t != nil && (f.Command == sqltext.Cluster || f.Full) {
				if _, err := r.touch(ctx, t, "rewrites"); err != nil {
					return err
				}
			}
		}
	case sqltext.SetVariable:
		if f.Setting != nil && f.Setting.Name == "search_path" && !f.Setting.Reset {
			r.w.path = strings.Split(f.Setting.Value, ", ")
		}
	}
	return nil
}

func isRelation(kind string) bool {
	switch kind {
	case "table", "view", "materialized view", "foreign table":
		return true
	}
	return false
}

func (r *reach) renamed(f sqltext.Fact) {
	o := f.Objects[0]
	switch {
	case o.Kind == "column":
		if t := r.w.find(o.Of); t != nil {
			if t.renamed == nil {
				t.renamed = map[string]string{}
			}
			t.renamed[f.NewName] = t.original(o.Name.Name)
		}
	case isRelation(o.Kind):
		r.w.move(o.Name, func(n sqltext.Name) sqltext.Name { return sqltext.Name{Schema: n.Schema, Name: f.NewName} })
	case o.Kind == "schema":
		for full := range r.w.names {
			if full.Schema == o.Name.Name {
				r.w.move(full, func(n sqltext.Name) sqltext.Name { return sqltext.Name{Schema: f.NewName, Name: n.Name} })
			}
		}
	}
}

// altered adds what the parts of ALTER TABLE take away or write anew.
func (r *reach) altered(ctx context.Context, f sqltext.Fact) error {
	t := r.w.find(f.Objects[0].Name)
	if t == nil || t.kind == "v" || t.kind == "m" || t.kind == "f" {
		return nil
	}
	tables := []*table{t}
	if t.kind != "p" && !f.Only {
		tables = append(tables, t.children...)
	}
	for _, a := range f.Actions {
		for _, one := range tables {
			if err := r.action(ctx, one, a); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *reach) action(ctx context.Context, t *table, a sqltext.Action) (err error) {
	switch a.Do {
	case sqltext.DropColumn:
		return r.values(ctx, t, []string{a.Name}, "drops a column of")
	case sqltext.AlterType:
		return r.values(ctx, t, []string{a.Name}, "changes the type of a column of")
	case sqltext.SetExpression:
		return r.values(ctx, t, []string{a.Name}, "computes a column anew of")
	case sqltext.SetLogged, sqltext.SetUnlogged, sqltext.SetTablespace, sqltext.SetAccessMethod:
		_, err = r.touch(ctx, t, "rewrites")
	case sqltext.AddColumn:
		// A default that calls a function may be another for each row, so that all rows are written anew (ALTER TABLE, "Notes").
		c := a.Column
		if c != nil && (c.Identity || c.Generated != nil && !c.Virtual || c.Type.Serial() || c.Default != nil && len(c.Default.Calls) > 0) {
			_, err = r.touch(ctx, t, "adds a column that may be computed for each row of")
		}
	}
	return err
}

// dropped adds what goes with an object.
func (r *reach) dropped(ctx context.Context, o sqltext.Target, cascade bool) error {
	switch o.Kind {
	case "table":
		t := r.w.find(o.Name)
		r.w.drop(o.Name)
		if t == nil || t.kind == "v" || t.kind == "m" {
			return nil
		}
		return r.gone(ctx, t, "drops", cascade)
	case "materialized view":
		r.lacks("%s: the rows of materialized views come from their queries", r.where)
	case "sequence":
		r.reason("drops the sequence " + printed(o.Name.Schema, o.Name.Name))
		r.lacks("%s: the value of the sequence %s", r.where, printed(o.Name.Schema, o.Name.Name))
	case "schema":
		if !cascade {
			return nil // the server refuses one that is not empty
		}
		for full, t := range r.w.names {
			if full.Schema == o.Name.Name && (t.kind == "r" || t.kind == "p") {
				if err := r.gone(ctx, t, "drops the schema of", true); err != nil {
					return err
				}
			}
		}
	case "type", "domain", "extension":
		if cascade {
			return r.typeGone(ctx, o)
		}
	}
	return nil
}

func (r *reach) gone(ctx context.Context, t *table, what string, cascade bool) error {
	if t.kind == "f" {
		return nil // its rows stay where they are
	}
	if err := r.rows(ctx, t, what); err != nil {
		return err
	}
	if t.kind == "p" || !cascade {
		return nil
	}
	for _, child := range t.children {
		if err := r.gone(ctx, child, what, cascade); err != nil {
			return err
		}
	}
	return nil
}

// typeGone adds the columns that DROP … CASCADE takes with a type, or with the types of an extension.
func (r *reach) typeGone(ctx context.Context, o sqltext.Target) error {
	rows, err := r.w.tx.Query(ctx, `WITH gone AS (
			SELECT y.oid FROM pg_catalog.pg_type y JOIN pg_catalog.pg_namespace n ON n.oid = y.typnamespace
			WHERE $1::pg_catalog.text <> 'extension' AND y.typname = $3::pg_catalog.text
				AND ($2::pg_catalog.text = '' AND n.nspname = ANY ($4::pg_catalog.text[]) OR n.nspname = $2::pg_catalog.text)
			UNION SELECT d.objid FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_extension e ON e.oid = d.refobjid
			WHERE $1::pg_catalog.text = 'extension' AND e.extname = $3::pg_catalog.text AND d.deptype = 'e' AND d.classid = 'pg_catalog.pg_type'::pg_catalog.regclass
				AND d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass)
		SELECT a.attrelid, a.attname::pg_catalog.text FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid AND c.relkind IN ('r', 'p')
		WHERE NOT a.attisdropped AND a.attnum > 0 AND (a.atttypid IN (SELECT oid FROM gone)
			OR a.atttypid IN (SELECT y.oid FROM pg_catalog.pg_type y WHERE y.typelem IN (SELECT oid FROM gone) OR y.typbasetype IN (SELECT oid FROM gone)))`,
		o.Kind, o.Name.Schema, o.Name.Name, append([]string{}, r.w.path...))
	if err != nil {
		return fmt.Errorf("read what goes with a type: %w", err)
	}
	type column struct {
		Table uint32
		Name  string
	}
	columns, err := pgx.CollectRows(rows, pgx.RowToStructByPos[column])
	if err != nil {
		return fmt.Errorf("read what goes with a type: %w", err)
	}
	for _, c := range columns {
		if t := r.w.byOID[c.Table]; t != nil {
			if err := r.values(ctx, t, []string{c.Name}, "drops the type of a column of"); err != nil {
				return err
			}
		}
	}
	return nil
}
