package view

import (
	"fmt"
	"time"

	"github.com/pleatdb/pleat/apply"
	"github.com/pleatdb/pleat/history/migration"
)

// NewReady begins a result without any contract file: all is ready.
func NewReady(database string, window time.Duration, required bool) *Ready {
	return &Ready{Database: database, Ready: true, WindowSeconds: int64(window / time.Second), Required: required, Contracts: []ReadyOfOne{}}
}

// Add takes in the verdict about a file.
func (d *Ready) Add(m *migration.Migration, v *apply.Verdict) {
	one := ReadyOfOne{
		File: m.File(), Version: m.Version, Name: m.Name, State: string(v.State), Uses: usesOf(v.Uses), Warnings: usesOf(v.Warnings),
		Missing: append([]string{}, v.Missing...), Checked: v.Checked.UTC(),
	}
	if !v.Since.IsZero() {
		since := v.Since.UTC()
		one.Since = &since
	}
	d.Contracts = append(d.Contracts, one)
	d.Ready = d.Ready && v.State == apply.EvidenceSafe
}

func usesOf(list []apply.Use) []Use {
	out := make([]Use, len(list))
	for i, u := range list {
		out[i] = Use{Query: u.Query, Role: u.Role, Calls: u.Calls, Source: u.Source, Reason: u.Reason}
		if !u.LastSeen.IsZero() {
			at := u.LastSeen.UTC()
			out[i].LastSeen = &at
		}
	}
	return out
}

func (d *Ready) text(p *page) {
	if len(d.Contracts) == 0 {
		p.linef("No contract file is pending.")
		return
	}
	rows := [][]string{{"verdict", "file", "uses", "warnings", "missing", "counted since"}}
	for _, c := range d.Contracts {
		rows = append(rows, []string{c.State, c.File, fmt.Sprint(len(c.Uses)), fmt.Sprint(len(c.Warnings)), fmt.Sprint(len(c.Missing)), c.since()})
	}
	p.table("", rows)
	for _, c := range d.Contracts {
		c.text(p)
	}
	if !d.Ready && !d.Required {
		p.blank()
		p.linef("This environment does without evidence: pleat apply runs contract files whatever the verdict.")
	}
}

func (c ReadyOfOne) since() string {
	if c.Since == nil {
		return "-"
	}
	return c.Since.Format("2006-01-02 15:04 MST")
}

// text says what was found about one file.
func (c ReadyOfOne) text(p *page) {
	if len(c.Uses)+len(c.Warnings)+len(c.Missing) == 0 {
		return
	}
	p.blank()
	p.styledf(bold, "%s", c.File)
	for _, u := range c.Uses {
		u.text(p, red, "used by")
	}
	for _, m := range c.Missing {
		p.styledf(yellow, "  missing: %s", m)
	}
	for _, u := range c.Warnings {
		u.text(p, yellow, "warning:")
	}
}

func (u Use) text(p *page, s style, word string) {
	about := u.Source
	if u.Role != "" {
		about += ", role " + u.Role
	}
	if u.Calls > 0 {
		about += ", " + plural(int(u.Calls), "call")
	}
	if u.LastSeen != nil {
		about += ", last seen " + u.LastSeen.Format(time.RFC3339)
	}
	p.styledf(s, "  %s %s: %s", word, about, oneLine(u.Query))
	if u.Reason != "" {
		p.linef("    %s", oneLine(u.Reason))
	}
}
