package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/pleatdb/pleat/cmd/internal/config"
	"github.com/pleatdb/pleat/cmd/internal/view"
	"github.com/pleatdb/pleat/history"
	"github.com/pleatdb/pleat/history/legacy"
	"github.com/pleatdb/pleat/history/migration"
	"github.com/pleatdb/pleat/schema/sqltext"
)

// record writes the whole import to the log: each entry, the texts of what is SQL, the summary with the snapshot.
func (a *adoption) record(ctx context.Context, files newFiles) error {
	base, err := a.begin(ctx)
	if err != nil {
		return err
	}
	var events []history.Event
	var texts []history.KeptFile
	used := map[string]bool{}
	for i := range a.read.Entries {
		e := &a.read.Entries[i]
		event, text := a.event(base, e)
		events = append(events, event)
		if text != nil {
			texts = append(texts, history.KeptFile{Version: event.Version, Checksum: event.Checksum, Name: text.name, Text: text.text})
		}
		used[event.Version] = used[event.Version] || e.InEffect
	}
	if _, err := a.log.AppendAll(ctx, a.tx, events); err != nil {
		return err
	}
	if err := a.log.SaveFiles(ctx, a.tx, base, texts); err != nil {
		return err
	}
	for _, c := range a.converted {
		if !c.pending && !used[c.version] {
			return fmt.Errorf("%s would run although %s ran it: no entry is about it", c.file, a.source.Tool)
		}
	}
	if a.o.freeze {
		if err := a.log.Freeze(ctx, a.tx, a.frozen); err != nil {
			return notOwner(err, "import without --freeze, or connect as that role")
		}
	}
	summary := base
	if summary.Snapshot, err = a.log.SaveSnapshot(ctx, a.tx, a.live); err != nil {
		return err
	}
	summary.Kind, summary.Detail = history.ImportSummary, a.summary(files)
	_, err = a.log.Append(ctx, a.tx, summary)
	return err
}

// notOwner refuses to put triggers on a table of somebody else, or to take them off.
func notOwner(err error, next string) error {
	var owner *history.NotOwnerError
	if errors.As(err, &owner) {
		return &view.Refusal{Code: "refused", Message: owner.Error(), Next: next}
	}
	return err
}

// named is a text with its name.
type named struct {
	name string
	text []byte
}

// event is the row of an entry; its text is nil where none is kept.
func (a *adoption) event(base history.Event, e *legacy.Entry) (history.Event, *named) {
	event := base
	event.Kind, event.Version, event.Name = history.Imported, e.Key, e.Name
	if e.Duration != nil {
		event.Duration = *e.Duration
	}
	detail := map[string]any{
		"tool": string(a.source.Tool), "source": a.source.String(), "order": e.Order, "version": e.Version, "by": e.By, "checksum": e.Checksum,
		"state": string(e.State), "in_effect": e.InEffect, "note": e.Note, "file": fileDetail(&e.File),
	}
	detail["applied_at"], detail["zone"] = view.AppliedAt(e.AppliedAt, e.Local)
	if row := a.row(e.Row); row != nil {
		detail["row"] = row
	}
	for key, value := range detail {
		if text, ok := value.(string); ok {
			if detail[key] = a.masked(text); text == "" {
				delete(detail, key)
			}
		}
	}
	event.Detail = detail
	if c, ok := a.converted[slot(e.Key, false)]; ok && e.InEffect {
		detail["converted"], detail["key"] = true, e.Key
		event.Version, event.Name, event.Checksum = c.version, c.name, c.checksum
		return event, &named{c.file, c.text}
	}
	f := a.files[e.Key]
	if f == nil || len(e.File.Parts) == 0 || e.File.Parts[0].Path != f.Path {
		return event, nil
	}
	event.Checksum = e.File.Parts[0].Checksum
	if f.SQL == nil || migration.Checksum(f.Text) != event.Checksum {
		return event, nil
	}
	return event, &named{f.Path, f.Text}
}

func fileDetail(f *legacy.FileMatch) map[string]any {
	out := map[string]any{"state": string(f.State)}
	if f.Path != "" {
		out["path"] = f.Path
	}
	if f.Reason != "" {
		out["reason"] = f.Reason
	}
	var parts []any
	for _, p := range f.Parts {
		parts = append(parts, map[string]any{"path": p.Path, "checksum": p.Checksum})
	}
	if parts != nil {
		out["parts"] = parts
	}
	return out
}

// mask takes passwords, which statements in rows may hold, out of all rows.
func (a *adoption) mask() {
	for i := range a.read.Entries {
		e := &a.read.Entries[i]
		e.Row, e.Note, e.File.Reason = a.maskedRow(e.Row), a.masked(e.Note), a.masked(e.File.Reason)
	}
	for i := range a.read.Markers {
		a.read.Markers[i].Row = a.maskedRow(a.read.Markers[i].Row)
	}
	for i := range a.read.Notes {
		a.read.Notes[i] = a.masked(a.read.Notes[i])
	}
}

// maskedRow is a row without passwords; one that is no JSON is left out.
func (a *adoption) maskedRow(raw json.RawMessage) json.RawMessage {
	if text := string(raw); !secretive(text) && a.app.streams.Mask(text) == text {
		return raw
	}
	v := a.row(raw)
	if v == nil {
		return nil
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(a.maskedValue(v)); err != nil {
		return nil
	}
	return bytes.TrimSpace(b.Bytes())
}

// row is a row as the log keeps it.
func (a *adoption) row(raw json.RawMessage) any {
	if len(raw) == 0 {
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil
	}
	return v
}

func (a *adoption) maskedValue(v any) any {
	switch v := v.(type) {
	case string:
		return a.masked(v)
	case []any:
		for i := range v {
			v[i] = a.maskedValue(v[i])
		}
	case map[string]any:
		for key := range v {
			v[key] = a.maskedValue(v[key])
		}
	}
	return v
}

// masked hides what a text may say that is for nobody's eyes. Only what can hold a password is read as SQL.
func (a *adoption) masked(text string) string {
	text = a.app.streams.Mask(text)
	if secretive(text) {
		return sqltext.MaskSecrets(text)
	}
	return text
}

// secretive reports whether a text may hold a password.
func secretive(text string) bool {
	lower := strings.ToLower(text)
	return strings.Contains(lower, "password") || strings.Contains(lower, "://")
}

// summary accounts for everything that is not an entry.
func (a *adoption) summary(files newFiles) map[string]any {
	s, doc := &a.read.Source, a.doc
	d := map[string]any{
		"tool": string(s.Tool), "schema": s.Schema, "table": s.Table, "layout": s.Layout, "project": s.Project, "why": s.Why, "rows": s.Rows,
		"entries": len(a.read.Entries), "states": plainCounts(doc.States), "file_states": plainCounts(doc.FileStates),
		"files": files.detail(), "log_only": a.o.logOnly, "convert": a.o.convert, "ignore": plainTexts(a.ignore), "notes": plainTexts(doc.Notes),
	}
	if a.read.HasDir {
		d["directory"] = a.o.legacy
	}
	var markers, pending, accepted, differences, frozen []any
	for _, m := range a.read.Markers {
		markers = append(markers, map[string]any{"why": m.Why, "row": a.row(m.Row)})
	}
	for _, p := range doc.Pending {
		pending = append(pending, map[string]any{"key": p.Key, "path": p.Path, "migration": p.Migration})
	}
	for _, p := range a.passed {
		accepted = append(accepted, map[string]any{"code": string(p.Code), "key": p.Key, "message": a.masked(p.Message)})
	}
	for _, diff := range doc.Alignment.Differences {
		differences = append(differences, map[string]any{"object": diff.Object, "kind": diff.Kind, "detail": plainTexts(diff.Detail)})
	}
	for _, t := range a.frozen {
		frozen = append(frozen, map[string]any{"schema": t.Schema, "table": t.Table})
	}
	d["alignment"] = map[string]any{"compared": doc.Alignment.Compared, "reason": a.masked(doc.Alignment.Reason), "files": doc.Alignment.Files, "differences": differences}
	for key, list := range map[string][]any{"settled": a.settled(), "markers": markers, "pending": pending, "accepted": accepted, "frozen": frozen} {
		if list != nil {
			d[key] = list
		}
	}
	if a.o.reason != "" {
		d["reason"] = a.masked(a.o.reason)
	}
	return d
}

// settled are the files that no entry is about, as a baseline made them unnecessary.
func (a *adoption) settled() (out []any) {
	about := map[string]bool{}
	for i := range a.read.Entries {
		about[a.read.Entries[i].Key] = true
	}
	for i := range a.read.Files {
		f := &a.read.Files[i]
		if f.Settled != "" && !about[f.Key] {
			out = append(out, map[string]any{"path": f.Path, "checksum": migration.Checksum(f.Text)})
		}
	}
	return out
}

func plainTexts(list []string) []any {
	out := make([]any, len(list))
	for i := range list {
		out[i] = list[i]
	}
	return out
}

func plainCounts(counts map[string]int) map[string]any {
	out := map[string]any{}
	for key, n := range counts {
		out[key] = n
	}
	return out
}

// legacy is what the project file says of the tool that came before.
func (p *project) legacy() (*config.Legacy, error) {
	said, diags := p.config.Legacy(p.flags.env)
	if diags.HasErrors() {
		return nil, &view.DiagnosticsError{Diags: diags, Files: p.config.Files}
	}
	return said, nil
}
