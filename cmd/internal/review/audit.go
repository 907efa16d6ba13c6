package review

import (
	"slices"
	"strings"

	"github.com/pleatdb/pleat/history/foreign"
	"github.com/pleatdb/pleat/schema"
	"github.com/pleatdb/pleat/schema/sqltext"
)

// Audit is what a directory of migrations destroys and what it cannot take back.
type Audit struct {
	Migrations int
	// Destructive are the statements of ways up that destroy rows, or what holds them.
	Destructive []Destroys
	// Forward are the migrations without a way back.
	Forward []OneWay
}

// Destroys is one destructive statement.
type Destroys struct {
	Path   string
	Line   int
	What   string // such as "drops the table public.users"
	Source string
}

// OneWay is a migration without a way back.
type OneWay struct {
	Path   string
	Reason string
}

// Audit looks at every migration that is meant.
func (s *Set) Audit() Audit {
	var a Audit
	for _, d := range s.Dirs {
		for i := range d.Files {
			f := &d.Files[i]
			if f.Context {
				continue
			}
			a.Migrations++
			a.Destructive = append(a.Destructive, destructive(f)...)
			if !f.HasDown {
				a.Forward = append(a.Forward, OneWay{f.Path, oneWay(f)})
			}
		}
	}
	return a
}

func oneWay(f *foreign.File) string {
	switch {
	case len(f.Up.Units) == 0 && len(f.Up.Problems) > 0:
		return "cannot be read"
	case f.Kind == foreign.Baseline:
		return "a baseline has none"
	case f.Kind == foreign.Repeatable:
		return "what is repeated has none"
	case f.Tool == foreign.Prisma, f.Tool == foreign.Drizzle, f.Tool == foreign.Atlas:
		return string(f.Tool) + " writes none"
	case f.Down.Path != "" && f.Down.Path != f.Up.Path:
		return "its way back is empty"
	}
	return "it has none"
}

// destructive lists what the way up of a migration destroys, apart from what it made itself.
func destructive(f *foreign.File) (out []Destroys) {
	lines := strings.Split(f.Up.Text, "\n")
	var own []string
	for _, stmt := range f.Up.Statements() {
		fact := sqltext.Facts(stmt.SQL)
		if fact.Command == sqltext.CreateTable || fact.Command == sqltext.CreateTableAs {
			for _, o := range fact.Objects {
				own = append(own, text(o.Name))
			}
		}
		for _, what := range destroys(&fact, own) {
			out = append(out, Destroys{Path: f.Up.Path, Line: stmt.Line, What: what, Source: strings.TrimSpace(lines[stmt.Line-1])})
		}
	}
	return out
}

// text is a name as people write it: quoted where it has to be.
func text(n sqltext.Name) string {
	return schema.ID{Kind: schema.KindTable, Schema: n.Schema, Name: n.Name}.Path()
}

func column(of sqltext.Name, name string) string {
	return text(of) + "." + text(sqltext.Name{Name: name})
}

// holders are the kinds of objects that hold rows, or state that no file has.
var holders = []string{"table", "foreign table", "schema", "sequence", "database"}

func destroys(f *sqltext.Fact, own []string) (out []string) {
	mine := func(n sqltext.Name) bool { return slices.Contains(own, text(n)) }
	cascade := ""
	if f.Cascade {
		cascade = " and what depends on it"
	}
	for _, o := range f.Objects {
		switch {
		case mine(o.Name):
		case f.Command == sqltext.DropObjects && (slices.Contains(holders, o.Kind) || f.Cascade):
			out = append(out, "drops the "+o.Kind+" "+text(o.Name)+cascade)
		case f.Command == sqltext.DropDatabase:
			out = append(out, "drops the database "+text(o.Name))
		case f.Command == sqltext.TruncateTables:
			out = append(out, "empties the table "+text(o.Name)+cascade)
		case f.Command == sqltext.AlterTable:
			for _, a := range f.Actions {
				if a.Do == sqltext.DropColumn {
					out = append(out, "drops the column "+column(o.Name, a.Name))
				}
			}
		}
	}
	if f.Query == nil {
		return out
	}
	for _, w := range f.Query.Writes {
		if w.Verb != "delete" || mine(w.Table) {
			continue
		}
		if w.All {
			out = append(out, "deletes all rows of "+text(w.Table))
		} else {
			out = append(out, "deletes rows of "+text(w.Table))
		}
	}
	return out
}
