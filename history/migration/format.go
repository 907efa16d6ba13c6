package migration

import (
	"fmt"
	"strings"
)

// Format writes a migration as the text of its file. What it writes for a generated migration, [Parse] reads back
// to an equal one, positions aside.
func Format(m *Migration) []byte {
	w := &writer{}
	w.head(m)
	w.blank()
	w.line("up")
	for i := range m.Steps {
		w.step(m, &m.Steps[i])
	}
	if m.HasDown {
		w.blank()
		w.line("down")
		w.down(m.Down)
	}
	return []byte(w.b.String())
}

type writer struct{ b strings.Builder }

// line writes a directive; each part becomes one line's worth of text.
func (w *writer) line(word string, parts ...string) {
	w.b.WriteString("-- pleat: " + word)
	for _, p := range parts {
		if p != "" {
			w.b.WriteString(" " + oneLine(p))
		}
	}
	w.b.WriteString("\n")
}

func (w *writer) blank() {
	if w.b.Len() > 0 {
		w.b.WriteString("\n")
	}
}

func (w *writer) head(m *Migration) {
	if m.Generated {
		w.line("migration", m.Version+" "+m.Name)
	}
	if m.Phase != Single {
		w.line("phase", string(m.Phase))
	}
	if m.ContractOf != "" {
		w.line("contract of", m.ContractOf)
	}
	if m.Bounded() {
		w.line("scope", m.Before+" → "+m.After)
	}
	for _, b := range m.Beside {
		w.line("beside", fmt.Sprintf("%s %s → %s then %s → %s", b.Contract, b.First.Before, b.First.After, b.Then.Before, b.Then.After))
	}
	for _, id := range m.Objects {
		w.b.WriteString("-- pleat: object " + id.String() + "\n") // IDs bring their own escapes
	}
	if m.Proven != "" {
		w.line("proven", m.Proven)
	}
	if m.Rehearsed != "" {
		w.line("rehearsed", m.Rehearsed)
	}
	if m.ForwardOnly != "" {
		w.line("forward-only", m.ForwardOnly)
	}
	for _, d := range m.Destructive {
		w.line("destructive", d)
	}
	w.allows(m, 0)
}

func (w *writer) allows(m *Migration, step int) {
	for _, a := range m.Allow {
		if a.Step == step {
			w.line("allow", a.Code+" "+a.Reason)
		}
	}
}

func (w *writer) step(m *Migration, s *Step) {
	w.blank()
	w.line("step", fmt.Sprint(s.Number), s.Title)
	for _, n := range s.Notes {
		w.b.WriteString("-- " + oneLine(n) + "\n")
	}
	w.allows(m, s.Number)
	if s.NoTransaction {
		w.line("no transaction")
	}
	if s.Batch != nil {
		w.batch(s.Batch)
	}
	for _, c := range s.Checks {
		w.line("check", c.Message)
		w.statement(c.Query)
	}
	for _, stmt := range s.Statements {
		w.statement(stmt)
	}
}

func (w *writer) batch(b *Batch) {
	settings := "table=" + b.Table
	if len(b.Key) > 0 {
		settings += " key=" + quoteColumns(b.Key)
	}
	if b.Size > 0 {
		settings += fmt.Sprintf(" size=%d", b.Size)
	}
	w.line("batch", settings)
}

func (w *writer) down(undos []Undo) {
	for _, u := range undos {
		if u.empty() {
			continue
		}
		if u.Part <= 1 && u.Step > 0 {
			w.blank()
			if len(u.Loses) == 0 {
				w.line("undo", fmt.Sprint(u.Step))
			}
			for _, l := range u.Loses {
				w.line("undo", fmt.Sprint(u.Step)+" loses", l)
			}
		}
		for _, stmt := range u.Statements {
			w.statement(stmt)
		}
	}
}

// statement writes SQL and its semicolon, which must not end up in a comment that ends the statement.
func (w *writer) statement(s Statement) {
	w.b.WriteString(s.SQL)
	if c := lineComments(s.SQL); len(c) > 0 && c[len(c)-1].end == len(s.SQL) {
		w.b.WriteString("\n")
	}
	w.b.WriteString(";\n")
}
