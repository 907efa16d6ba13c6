package draft_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/pleatdb/pleat/cmd/internal/draft"
	"github.com/pleatdb/pleat/inspect"
	"github.com/pleatdb/pleat/planner"
	"github.com/pleatdb/pleat/schema"
	"github.com/pleatdb/pleat/schema/hclfile"
	"github.com/pleatdb/pleat/schema/sqltext"
)

func inspected(t *testing.T, url string) *schema.Catalog {
	t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	out, err := inspect.Inspect(ctx, conn, inspect.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// run executes the steps as the applier does, batched ones whole, and the undos in the opposite order.
func run(url string, steps []planner.Step, down bool) error {
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	order := slices.Clone(steps)
	if down {
		slices.Reverse(order)
	}
	for _, step := range order {
		statements, mode := step.Up, step.Mode
		if down {
			statements, mode = step.Down, step.DownMode
		}
		if mode == planner.Outside {
			for _, s := range statements {
				if _, err := conn.Exec(ctx, s.SQL); err != nil {
					return fmt.Errorf("%s: %w\n%s", step.Title, err, s.SQL)
				}
			}
			continue
		}
		if err := pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
			for _, s := range statements {
				if _, err := tx.Exec(ctx, s.SQL); err != nil {
					return fmt.Errorf("%s: %w\n%s", step.Title, err, s.SQL)
				}
			}
			return nil
		}); err != nil {
			return err
		}
	}
	return nil
}

// differences lists how two states differ, the order of columns aside.
func differences(want, got *schema.Catalog) string {
	var out []string
	for _, id := range want.IDs() {
		switch o := got.Get(id); {
		case id.Kind == schema.KindOwner:
		case o == nil:
			out = append(out, id.String()+" is missing")
		case !planner.Equal(want.Get(id), o):
			out = append(out, id.String()+" differs: "+planner.Difference(o, want.Get(id)))
		}
	}
	for _, id := range got.IDs() {
		if id.Kind != schema.KindOwner && want.Get(id) == nil {
			out = append(out, id.String()+" should not be there")
		}
	}
	return strings.Join(out, "\n")
}

// contents is what the tables and sequences of a database hold.
type contents struct {
	catalog *schema.Catalog
	// rows holds, by column, the values as text in the order of the rows; by table, their number.
	values map[schema.ID][]string
	// counters holds the last value of each sequence that stands alone.
	counters map[schema.ID]string
}

func read(t *testing.T, url string) *contents {
	t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	c := &contents{catalog: inspected(t, url), values: map[schema.ID][]string{}, counters: map[schema.ID]string{}}
	for _, id := range c.catalog.IDs() {
		switch id.Kind {
		case schema.KindTable:
			c.readTable(t, conn, id)
		case schema.KindSequence:
			var text string
			if err := conn.QueryRow(ctx, "SELECT last_value || ' ' || is_called FROM "+id.SQL()).Scan(&text); err != nil {
				t.Fatal(err)
			}
			c.counters[id] = text
		}
	}
	return c
}

// readTable reads the rows in the order of their place on disk, which nothing but a rewrite of the rows changes, and which an
// ALTER TABLE that rewrites the table keeps.
func (c *contents) readTable(t *testing.T, conn *pgx.Conn, id schema.ID) {
	t.Helper()
	columns := c.catalog.Columns(id)
	if c.catalog.Get(id).(*schema.Table).Partition != nil {
		return // its rows are its partitions'
	}
	list := []string{"'row'"}
	for _, column := range columns {
		list = append(list, schema.Quote(column.Name)+"::text")
	}
	rows, err := conn.Query(context.Background(), "SELECT "+strings.Join(list, ", ")+" FROM ONLY "+id.SQL()+" ORDER BY ctid")
	if err != nil {
		t.Fatal(err)
	}
	_, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (struct{}, error) {
		values, err := row.Values()
		if err != nil {
			return struct{}{}, err
		}
		c.values[id] = append(c.values[id], fmt.Sprint(values[0]))
		for i, column := range columns {
			c.values[column] = append(c.values[column], fmt.Sprintf("%#v", values[i+1]))
		}
		return struct{}{}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// lost lists what is not there any more although the draft does not say that it would lose it. There and back, what either
// way loses may be gone.
func (c *contents) lost(now *contents, d *draft.Draft, want *hclfile.Desired, changed map[string]bool, returned bool) string {
	announced := map[schema.ID]bool{}
	for _, step := range d.Plan.Steps {
		for _, id := range step.Loses {
			announced[id] = true
		}
		for _, id := range step.DownLoses {
			announced[id] = announced[id] || returned
		}
	}
	var out []string
	for _, id := range c.catalog.IDs() {
		if id.Kind == schema.KindSequence && !announced[id] {
			to := renamed(id, want, returned)
			if owner := c.catalog.Get(id).(*schema.Sequence).OwnedBy; owner != nil && announced[schema.ID{Kind: schema.KindTable, Schema: owner.Schema, Name: owner.Table}] {
				continue // it went with its table
			}
			if was, is := c.counters[id], now.counters[to]; was != is && now.catalog.Get(to) != nil {
				out = append(out, fmt.Sprintf("%s stood at %s and stands at %s", id, was, is))
			}
		}
		if id.Kind != schema.KindTable || announced[id] {
			continue
		}
		for _, part := range append(c.catalog.Columns(id), id) {
			to := renamed(part, want, returned)
			ignored := announced[part] || announced[to] || c.inheritsLoss(part, announced) || changed[part.Schema+"."+part.Parent+"."+part.Name] || derived(c.catalog, part) || !hasValues(now, id, to, want, returned)
			if !ignored && !slices.Equal(c.values[part], now.values[to]) {
				out = append(out, fmt.Sprintf("%s held %v and holds %v", part, c.values[part], now.values[to]))
			}
		}
	}
	return strings.Join(out, "\n")
}

// hasValues reports whether a comparison makes sense: a table that is not there any more must have been announced, and
// comes out as a difference if it had rows; a column that is not is one.
func hasValues(now *contents, table, to schema.ID, want *hclfile.Desired, returned bool) bool {
	if to.Kind == schema.KindTable {
		return true
	}
	return now.catalog.Has(to) || now.catalog.Has(renamed(table, want, returned))
}

// inheritsLoss reports whether a column is that of a parent whose loss is announced.
func (c *contents) inheritsLoss(column schema.ID, announced map[schema.ID]bool) bool {
	t, ok := c.catalog.Get(schema.ID{Kind: schema.KindTable, Schema: column.Schema, Name: column.Parent}).(*schema.Table)
	if !ok || t.Column(column.Name) == nil || !t.Column(column.Name).Inherited {
		return false
	}
	for id := range announced {
		if id.Kind == schema.KindColumn && id.Name == column.Name {
			return true
		}
	}
	return false
}

// derived reports whether the values of a column follow from others.
func derived(c *schema.Catalog, column schema.ID) bool {
	t, ok := c.Get(schema.ID{Kind: schema.KindTable, Schema: column.Schema, Name: column.Parent}).(*schema.Table)
	return ok && t.Column(column.Name) != nil && t.Column(column.Name).Generated != nil
}

// renamed is the identity of an object after the declared renames.
func renamed(id schema.ID, want *hclfile.Desired, returned bool) schema.ID {
	if returned {
		return id
	}
	for range want.Moves { // as often as a chain can be long
		for _, m := range want.Moves {
			owner := schema.ID{Kind: m.From.Kind, Schema: id.Schema, Name: id.Parent}
			switch {
			case id == m.From:
				id = m.To
			case id.Parent != "" && owner == m.From:
				id.Schema, id.Parent = m.To.Schema, m.To.Name
			case m.From.Kind == schema.KindSchema && id.Schema == m.From.Name && id.Kind != schema.KindSchema:
				id.Schema = m.To.Name
			}
		}
	}
	return id
}

// dumpDiff says how two dumps differ beyond the order of statements and of the lines in them, which is that of columns.
func dumpDiff(want, got string) string {
	count := map[string]int{}
	for _, sql := range dumped(want) {
		count[sql]++
	}
	var extra []string
	for _, sql := range dumped(got) {
		if count[sql]--; count[sql] < 0 {
			extra = append(extra, "+ "+sql)
		}
	}
	var out []string
	for _, sql := range dumped(want) {
		if count[sql] > 0 {
			count[sql]--
			out = append(out, "- "+sql)
		}
	}
	return strings.Join(append(out, extra...), "\n")
}

// dumped lists the statements of a dump, the columns of each table sorted.
func dumped(dump string) []string {
	statements, err := sqltext.Split(dump)
	if err != nil {
		return []string{err.Error(), dump}
	}
	out := make([]string, len(statements))
	for i, s := range statements {
		out[i] = s.SQL
		if !strings.HasPrefix(s.SQL, "CREATE TABLE ") && !strings.HasPrefix(s.SQL, "CREATE UNLOGGED TABLE ") {
			continue
		}
		lines := strings.Split(s.SQL, "\n")
		for n := range lines {
			lines[n] = strings.TrimSuffix(lines[n], ",")
		}
		slices.Sort(lines)
		out[i] = strings.Join(lines, "\n")
	}
	return out
}
