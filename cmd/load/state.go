package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/pleatdb/pleat/inspect"
	"github.com/pleatdb/pleat/schema"
)

// state is what a database holds, by object, in a form that can be compared. The order of columns is aside, which nothing
// can change without rewriting a table, and so is what a contract has put aside until its time is over.
func state(ctx context.Context, url string) (map[string]string, error) {
	return stateLess(ctx, url, func(schema.Object) schema.Object { return nil })
}

// unnamed forgets the names that PostgreSQL gave where the language has no words for them: the sequence of an identity, and
// (since 18) the constraint of a NOT NULL keep theirs when what they belong to is renamed.
func unnamed(o schema.Object) schema.Object {
	switch o := o.(type) {
	case *schema.Unmanaged:
		if strings.HasPrefix(o.What, "attribute not null constraint name") {
			return &schema.Unmanaged{}
		}
	case *schema.Table:
		copied := *o
		copied.Columns = slices.Clone(o.Columns)
		for i, c := range copied.Columns {
			if c.Identity != nil {
				identity := *c.Identity
				identity.Sequence = ""
				copied.Columns[i].Identity = &identity
			}
		}
		return &copied
	}
	return nil
}

// stateLess is the state after change has replaced objects; it returns nil for one that stays.
func stateLess(ctx context.Context, url string, change func(schema.Object) schema.Object) (map[string]string, error) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return nil, fmt.Errorf("connect to compare: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	c, err := inspect.Inspect(ctx, conn, inspect.Options{})
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	for _, id := range c.IDs() {
		if aside(id) {
			continue
		}
		o := c.Get(id)
		if changed := change(o); changed != nil {
			o = changed
		}
		if t, ok := o.(*schema.Table); ok {
			copied := *t
			copied.Columns = slices.DeleteFunc(slices.Clone(t.Columns), func(col schema.Column) bool { return strings.HasPrefix(col.Name, "_drop_") })
			slices.SortFunc(copied.Columns, func(a, b schema.Column) int { return cmp.Compare(a.Name, b.Name) })
			o = &copied
		}
		if u, ok := o.(*schema.Unmanaged); ok && *u == (schema.Unmanaged{}) {
			continue
		}
		text, err := json.Marshal(o)
		if err != nil {
			return nil, fmt.Errorf("compare %s: %w", id, err)
		}
		out[id.String()] = string(text)
	}
	return out, nil
}

// aside reports whether an object is what a contract renamed instead of dropping it.
func aside(id schema.ID) bool {
	trash := func(name string) bool {
		return strings.HasPrefix(name, "_drop_") || strings.HasPrefix(name, "pleat_trash_")
	}
	return trash(id.Name) || trash(id.Schema) || trash(id.Parent)
}

// differences says in lines how one state differs from the wanted one.
func differences(want, got map[string]string) []string {
	var out []string
	for _, id := range slices.Sorted(maps.Keys(want)) {
		switch text, ok := got[id]; {
		case !ok:
			out = append(out, id+" is missing")
		case text != want[id]:
			out = append(out, fmt.Sprintf("%s is %s, not %s", id, text, want[id]))
		}
	}
	for _, id := range slices.Sorted(maps.Keys(got)) {
		if _, ok := want[id]; !ok {
			out = append(out, id+" should not be there")
		}
	}
	return out
}

// fresh compares the end with a database that was built from the new files at once.
func (j *journey) fresh(ctx context.Context, l *lab) error {
	url, drop, err := l.database(ctx)
	if err != nil {
		return err
	}
	defer drop()
	dir := filepath.Join(j.pleat.dir, "fresh")
	p := &pleat{program: l.program, dir: dir, url: url, shadow: j.pleat.shadow, limit: j.pleat.limit}
	for _, sub := range []string{"schema", "migrations"} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o755); err != nil {
			return fmt.Errorf("make project: %w", err)
		}
	}
	text := cmp.Or(j.text["fresh.hcl"], j.text["new.hcl"])
	if err := os.WriteFile(filepath.Join(dir, "schema", "schema.hcl"), []byte(text), 0o644); err != nil {
		return fmt.Errorf("write project: %w", err)
	}
	if err := p.run(ctx, "plan", "--name", "fresh", "--contract", "immediate"); err != nil {
		return fmt.Errorf("build the new state at once: %w", err)
	}
	if err := p.run(ctx, "apply"); err != nil {
		return fmt.Errorf("build the new state at once: %w", err)
	}
	if err := execute(ctx, url, j.text["fresh.sql"]); err != nil {
		return fmt.Errorf("build the new state at once: %w", err)
	}
	want, err := stateLess(ctx, url, unnamed)
	if err != nil {
		return err
	}
	got, err := stateLess(ctx, j.pleat.url, unnamed)
	if err != nil {
		return err
	}
	for _, line := range differences(want, got) {
		j.out.wrong("at the end: %s", line)
	}
	return nil
}
