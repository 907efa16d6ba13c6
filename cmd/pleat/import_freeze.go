package main

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/pleatdb/pleat/cmd/internal/connect"
	"github.com/pleatdb/pleat/cmd/internal/view"
	"github.com/pleatdb/pleat/history"
	"github.com/pleatdb/pleat/history/legacy"
)

// freezable are the tables that --freeze keeps a tool from. It is a refusal where somebody else lives on one of them.
func freezable(s *legacy.Source) ([]history.FrozenTable, error) {
	if s.Shared != "" {
		return nil, &view.Refusal{Code: "usage", Message: fmt.Sprintf("%s cannot be frozen: %s", s, s.Shared), Next: "import without --freeze, and keep the tool from running in another way"}
	}
	out := []history.FrozenTable{{Schema: s.Schema, Table: s.Table, Tool: string(s.Tool)}}
	for _, b := range s.Beside {
		out = append(out, history.FrozenTable{Schema: b.Schema, Table: b.Table, Tool: string(s.Tool)})
	}
	return out, nil
}

// freezesOnly reports whether the flags ask for nothing but to freeze.
func (o *importOptions) freezesOnly() bool {
	return o.freeze && !o.logOnly && !o.convert && o.from == "" && o.table == "" && o.dir == "" && o.legacy == "" && len(o.accept) == 0
}

// freezeImported freezes the tables of a tool whose history was imported before. done is false where there is no such import.
func (p *project) freezeImported(ctx context.Context, o *importOptions) (done bool, err error) {
	conn, err := p.connect(ctx, "import", connect.ReadWrite())
	if err != nil {
		return false, err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	doc := &view.ImportFrozen{Database: p.database(), DryRun: o.dryRun, Frozen: []string{}}
	err = pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		t := &takeover{project: p, o: o, conn: conn, tx: tx, log: history.Open(conn)}
		made, err := t.imported(ctx)
		if err != nil || made == nil {
			return err
		}
		done = true
		tables, err := t.tablesOf(ctx, made)
		if err != nil {
			return err
		}
		doc.Tool = tables[0].Tool
		for _, table := range tables {
			doc.Frozen = append(doc.Frozen, table.SQL())
		}
		if o.dryRun {
			return nil
		}
		return t.freeze(ctx, tables)
	})
	if err != nil || !done {
		return done, err
	}
	return true, p.view.Show(doc)
}

// imported is the import of a tool's history that is in effect; nil where there is none.
func (t *takeover) imported(ctx context.Context) (*history.Import, error) {
	if exists, err := t.log.Exists(ctx); err != nil || !exists {
		return nil, err
	}
	entries, err := t.log.Verified(ctx)
	if err != nil {
		return nil, notReadable(err)
	}
	made := history.LastImport(entries)
	if made == nil || made.Summary.Kind != history.ImportSummary {
		return nil, nil
	}
	return made, nil
}

// tablesOf finds the tables of an import's tool again.
func (t *takeover) tablesOf(ctx context.Context, made *history.Import) ([]history.FrozenTable, error) {
	text := func(key string) string {
		s, _ := made.Summary.Detail[key].(string)
		return s
	}
	all, err := legacy.Find(ctx, t.tx, legacy.Tool(text("tool")))
	if err != nil {
		return nil, t.unreadable(ctx, err)
	}
	for i := range all {
		if s := &all[i]; s.Schema == text("schema") && s.Table == text("table") && s.Project == text("project") {
			return freezable(s)
		}
	}
	name := history.FrozenTable{Schema: text("schema"), Table: text("table")}
	return nil, &view.Refusal{Code: "refused", Message: fmt.Sprintf("%s, from which the history of %s was imported, is not there any more", name.SQL(), text("tool"))}
}

// freeze puts the triggers and records them.
func (t *takeover) freeze(ctx context.Context, tables []history.FrozenTable) error {
	if err := t.log.Freeze(ctx, t.tx, tables); err != nil {
		return fmt.Errorf("freeze: %w", notOwner(err, "connect as that role"))
	}
	var names []any
	for _, table := range tables {
		names = append(names, map[string]any{"schema": table.Schema, "table": table.Table})
	}
	e := history.Event{
		Kind: history.Frozen, Run: history.NewRunID(t.app.now()), Client: history.LocalClient("pleat import"), Tool: t.app.tool(),
		Detail: map[string]any{"tool": tables[0].Tool, "frozen": names},
	}
	if _, err := t.log.Append(ctx, t.tx, e); err != nil {
		return fmt.Errorf("freeze: %w", err)
	}
	return nil
}
