package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/pleatdb/pleat/cmd/internal/connect"
	"github.com/pleatdb/pleat/cmd/internal/view"
	"github.com/pleatdb/pleat/history"
)

// undoImport takes back an import that nothing was built on: the log says so, the tool may write its tables again, and the files that the
// import wrote go where nobody edited them.
func (p *project) undoImport(ctx context.Context, o *importOptions) error {
	conn, err := p.connect(ctx, "import", connect.ReadWrite())
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	out := o.out
	if !o.outSaid {
		out = p.config.Dir()
	}
	var doc *view.ImportUndone
	var remove []string
	err = pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		t := &takeover{project: p, o: o, conn: conn, tx: tx, log: history.Open(conn)}
		made, err := t.undoable(ctx)
		if err != nil {
			return err
		}
		frozen, err := t.log.Frozen(ctx)
		if err != nil {
			return err
		}
		doc, remove = undoing(made, frozen, out)
		doc.Database, doc.DryRun = p.database(), o.dryRun
		if o.dryRun {
			return nil
		}
		return t.takeBack(ctx, made, frozen)
	})
	if err != nil {
		return err
	}
	if !o.dryRun {
		removeFiles(remove)
	}
	return p.view.Show(doc)
}

// undoable finds the import that counts, and refuses where something was built on it. Nobody else runs meanwhile.
func (t *takeover) undoable(ctx context.Context) (*history.Import, error) {
	refuse := func(code, message, next string) error { return &view.Refusal{Code: code, Message: message, Next: next} }
	exists, err := t.log.Exists(ctx)
	if err != nil {
		return nil, err
	}
	if err := t.lockRuns(ctx, t.tx); err != nil {
		return nil, err
	}
	var entries []history.Entry
	if exists {
		if entries, err = t.log.Verified(ctx); err != nil {
			return nil, notReadable(err)
		}
	}
	made := history.LastImport(entries)
	if made == nil {
		return nil, refuse("refused", "there is no import to take back in this database", "")
	}
	if e := made.BuiltOn(); e != nil {
		what := strings.ReplaceAll(string(e.Kind), "_", " ")
		if e.Version != "" {
			what += " of " + e.Version
		}
		return nil, refuse("built_on", fmt.Sprintf("something was done since the import: %s on %s (row %d of the log)", what, e.At.Format("2006-01-02T15:04:05Z07:00"), e.ID),
			"an import can be taken back only as long as nothing was built on it")
	}
	return made, nil
}

// takeBack thaws and records.
func (t *takeover) takeBack(ctx context.Context, made *history.Import, frozen []history.FrozenTable) error {
	if err := t.log.Thaw(ctx, t.tx, frozen); err != nil {
		return fmt.Errorf("take the import back: %w", notOwner(err, "connect as that role"))
	}
	e := history.Event{
		Kind: history.ImportUndone, Run: history.NewRunID(t.app.now()), Client: history.LocalClient("pleat import"), Tool: t.app.tool(),
		Detail: map[string]any{"of": made.Summary.ID, "run": made.Summary.Run},
	}
	if _, err := t.log.Append(ctx, t.tx, e); err != nil {
		return fmt.Errorf("take the import back: %w", err)
	}
	return nil
}

// undoing says what becomes of the files that an import wrote below a directory.
func undoing(made *history.Import, frozen []history.FrozenTable, out string) (doc *view.ImportUndone, remove []string) {
	detail := made.Summary.Detail
	doc = &view.ImportUndone{Of: made.Summary.At.UTC(), Removed: []string{}, Kept: []string{}, Thawed: []string{}}
	doc.Tool, _ = detail["tool"].(string)
	if n, ok := detail["entries"].(json.Number); ok {
		count, err := n.Int64()
		if err == nil {
			doc.Entries = int(count)
		}
	}
	for _, t := range frozen {
		doc.Thawed = append(doc.Thawed, t.SQL())
	}
	files, _ := detail["files"].([]any)
	for _, item := range files {
		file, _ := item.(map[string]any)
		name, _ := file["path"].(string)
		sum, _ := file["sha256"].(string)
		path := filepath.FromSlash(name)
		if !filepath.IsLocal(path) {
			continue
		}
		path = filepath.Join(out, path)
		text, err := os.ReadFile(path)
		switch {
		case err != nil && os.IsNotExist(err):
			doc.Kept = append(doc.Kept, path+": it is not there")
		case err != nil:
			doc.Kept = append(doc.Kept, path+": it cannot be read")
		case digestOf(text) != sum:
			doc.Kept = append(doc.Kept, path+": it was changed since")
		default:
			doc.Removed, remove = append(doc.Removed, path), append(remove, path)
		}
	}
	return doc, remove
}
