package evidence

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/pleatdb/pleat/apply"
	"github.com/pleatdb/pleat/history"
	"github.com/pleatdb/pleat/inspect/shadow"
	"github.com/pleatdb/pleat/schema"
	"github.com/pleatdb/pleat/schema/sqltext"
)

// publications finds tables and columns that go and that are sent to subscribers.
func (c *collector) publications(ctx context.Context, _ *shadow.Pair, g *gone) error {
	// Column lists came with PostgreSQL 15; before, every column of a published table is sent.
	columns := "NULL::text[]"
	if c.major >= 15 {
		columns = "attnames::text[]"
	}
	rows, err := c.Conn.Query(ctx, "SELECT pubname::text, schemaname::text, tablename::text, "+columns+" FROM pg_publication_tables ORDER BY 1, 2, 3", asking)
	if err != nil {
		return c.notRead(err, "publications")
	}
	type published struct {
		publication, schema, table string
		columns                    []string
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (p published, err error) {
		return p, row.Scan(&p.publication, &p.schema, &p.table, &p.columns)
	})
	if err != nil {
		return c.notRead(err, "publications")
	}
	for _, p := range list {
		relation := schema.ID{Kind: schema.KindTable, Schema: p.schema, Name: p.table}
		sent := p.columns
		if sent == nil {
			for _, column := range g.before.Columns(relation) {
				sent = append(sent, column.Name)
			}
		}
		for _, column := range sent {
			if g.lost(p.schema, p.table, column) {
				c.out.Uses = append(c.out.Uses, apply.Use{Query: schema.Quote(p.publication), Source: "publication",
					Reason: fmt.Sprintf("it sends %s to subscribers, which stop when the column is called something else", schema.ColumnID(relation, column).Path())})
				break
			}
		}
	}
	return nil
}

// noter is the function that triggers of an expand call for a write through the old shape.
const noter = "note_write"

// writes reads who wrote through the old shape, as the trigger of the expand noted.
func (c *collector) writes(ctx context.Context, _ *shadow.Pair, g *gone) error {
	since := c.expanded
	if from := c.Now.Add(-c.Window); from.After(since) {
		since = from
	}
	list, err := history.Open(c.Conn).LegacyWrites(ctx, since)
	if err != nil {
		if !noting(g.live) {
			return nil // nobody notes anything, so there is nothing to be read
		}
		return c.notRead(err, "who wrote through the old shape (pleat.legacy_write)")
	}
	for _, w := range list {
		if !g.lost(w.Schema, w.Relation, w.Attribute) && !g.unattended(w.Schema, w.Relation, w.Attribute) {
			continue
		}
		source := "a write"
		if w.Application != "" {
			source += " of " + w.Application
		}
		c.out.Uses = append(c.out.Uses, apply.Use{
			Query: schema.Qualified(w.Schema, w.Relation) + "." + schema.Quote(w.Attribute), Role: w.Role, LastSeen: w.Last.UTC().Truncate(time.Second),
			Source: source, Reason: "the trigger of the expand saw it written through the old shape",
		})
	}
	return nil
}

// unattended reports whether the trigger that noted writes of a column goes: it gave the column a value where old code gives none, and
// without it such a write fails, which no preparing of statements shows.
func (g *gone) unattended(namespace, relation, column string) bool {
	for _, id := range g.before.IDs() {
		trigger, ok := g.before.Get(id).(*schema.Trigger)
		if !ok || trigger.Schema != namespace || trigger.Table != relation || g.after.Has(id) {
			continue
		}
		body, _ := bodyOf(g.before, schema.ID{Kind: schema.KindFunction, Schema: trigger.Function.Schema, Name: trigger.Function.Name})
		words := sqltext.Mentions(body)
		// A name that is no word cannot be looked for among words.
		if plain := sqltext.Mentions(column); words[noter] && (words[column] || len(plain) != 1 || !plain[column]) {
			return true
		}
	}
	return false
}

// noting reports whether any function calls the noter.
func noting(live *schema.Catalog) bool {
	for _, id := range live.IDs() {
		if body, ok := bodyOf(live, id); ok && sqltext.Mentions(body)[noter] {
			return true
		}
	}
	return false
}

// jobs tries the commands of pg_cron where it keeps them in this database. Those of jobs kept elsewhere are seen as statements
// once they ran here.
func (c *collector) jobs(ctx context.Context, pair *shadow.Pair, g *gone) error {
	var there bool
	if err := c.Conn.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'pg_cron')", asking).Scan(&there); err != nil || !there {
		return c.notRead(err, "whether there are jobs of pg_cron")
	}
	rows, err := c.Conn.Query(ctx, `SELECT coalesce(jobname, jobid::text)::text, command::text, username::text FROM cron.job
		WHERE active AND database = current_database() ORDER BY 1`, asking)
	if err != nil {
		return c.notRead(err, "the jobs of pg_cron")
	}
	jobs, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (e entry, err error) {
		return e, row.Scan(&e.key, &e.query, &e.role)
	})
	if err != nil {
		return c.notRead(err, "the jobs of pg_cron")
	}
	p, err := c.newProber(ctx, pair, g)
	if err != nil {
		return err
	}
	for _, job := range jobs {
		parts, err := sqltext.Split(job.query)
		if err != nil {
			parts = []sqltext.Statement{{SQL: job.query}}
		}
		for _, part := range parts {
			one := entry{query: strings.TrimSpace(part.SQL), role: job.role, top: true}
			if err := p.judge(ctx, one, "pg_cron job "+job.key); err != nil {
				return err
			}
		}
	}
	return nil
}
