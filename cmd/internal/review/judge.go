package review

import (
	"cmp"
	"slices"
	"strings"

	"github.com/pleatdb/pleat/history/foreign"
	"github.com/pleatdb/pleat/planner/lint"
)

// Unreadable is the rule of what cannot be read of a file. It is beside the catalogue, whose rules judge statements.
var Unreadable = lint.Rule{
	Code: "PA02", Title: "a part of the file cannot be read", Severity: lint.Error,
	Why:  "What cannot be read cannot be judged, and pleat or the tool whose file it is may not be able to run it either.",
	Safe: "Mend the file at the place that is named.",
}

// Found is a finding at its place in a file.
type Found struct {
	lint.Finding
	// Path is the file that holds it, which for a way back can be another one than the migration's.
	Path string
	// Source is the line on which it begins.
	Source string
	// EndLine and EndColumn are where the statement ends, the column exclusive; zero where no statement is meant.
	EndLine, EndColumn int
}

// place is a statement of a file.
type place struct {
	path         string
	line, column int
}

// Judge gives what the linter finds, and what cannot be read, by file in the order in which the tool runs them.
func (s *Set) Judge(o lint.Options) []Found {
	var out []Found
	for _, d := range s.Dirs {
		texts := map[string][]string{}
		var files []lint.File
		order := map[string]int{}
		for i := range d.Files {
			for _, f := range s.lintFiles(&d.Files[i], o.Catalog != nil) {
				order[f.Path] = len(order)
				files = append(files, f)
			}
			for _, script := range []*foreign.Script{&d.Files[i].Up, &d.Files[i].Down} {
				if script.Path != "" && texts[script.Path] == nil {
					texts[script.Path] = strings.Split(script.Text, "\n")
				}
			}
		}
		var found []Found
		for _, f := range lint.Check(files, o) {
			found = append(found, locate(f, texts[f.File]))
		}
		for i := range d.Files {
			found = append(found, problems(&d.Files[i], texts)...)
		}
		slices.SortStableFunc(found, func(a, b Found) int {
			return cmp.Or(order[a.Path]-order[b.Path], a.Line-b.Line, a.Column-b.Column)
		})
		out = append(out, found...)
	}
	return out
}

// lintFiles gives a migration to the linter: one file, or two where the way back has its own. What the database holds
// already is left out.
func (s *Set) lintFiles(f *foreign.File, known bool) []lint.File {
	if f.Context && known {
		return nil
	}
	up := lint.File{
		Path: f.Path, Version: f.Version, Contract: f.Phase == "contract", Managed: f.Tool == foreign.Pleat, Context: f.Context,
		Up: s.units(&f.Up), Allow: allows(&f.Up),
	}
	switch f.Down.Path {
	case "":
		return []lint.File{up}
	case f.Up.Path:
		up.Down, up.Allow = s.units(&f.Down), append(up.Allow, allows(&f.Down)...)
		return []lint.File{up}
	}
	back := lint.File{
		Path: f.Down.Path, Version: f.Version, Managed: up.Managed, Context: f.Context, Down: s.units(&f.Down), Allow: allows(&f.Down),
	}
	return []lint.File{up, back}
}

func (s *Set) units(script *foreign.Script) []lint.Unit {
	out := make([]lint.Unit, len(script.Units))
	for i, u := range script.Units {
		out[i] = lint.Unit{Transactional: u.Transactional, OneMessage: u.OneMessage, Batched: u.Batched, Step: u.Step}
		for _, stmt := range u.Statements {
			out[i].Statements = append(out[i].Statements, lint.Statement{
				SQL: stmt.SQL, Line: stmt.Line, Column: stmt.Column, Effect: s.effects[place{script.Path, stmt.Line, stmt.Column}],
			})
		}
	}
	return out
}

func allows(script *foreign.Script) (out []lint.Allow) {
	for _, a := range script.Allows {
		out = append(out, lint.Allow{Code: a.Code, Reason: a.Reason, Step: a.Step, Line: a.Line, Next: a.Statement > 0})
	}
	return out
}

// locate finds the line of a finding and the end of its statement.
func locate(f lint.Finding, lines []string) Found {
	out := Found{Finding: f, Path: f.File}
	if f.Line < 1 || f.Line > len(lines) {
		return out
	}
	out.Source = lines[f.Line-1]
	if f.SQL != "" {
		below := strings.Count(f.SQL, "\n")
		last := f.SQL[strings.LastIndexByte(f.SQL, '\n')+1:]
		out.EndLine, out.EndColumn = f.Line+below, len([]rune(last))+1
		if below == 0 {
			out.EndColumn += f.Column - 1
		}
	}
	return out
}

// problems are what could not be read of a migration.
func problems(f *foreign.File, texts map[string][]string) (out []Found) {
	if f.Context {
		return nil
	}
	for _, p := range slices.Concat(f.Up.Problems, f.Down.Problems) {
		found := Found{Path: p.Path, Finding: lint.Finding{
			Code: Unreadable.Code, Title: p.Summary, Severity: Unreadable.Severity, File: p.Path, Line: p.Line, Column: p.Column,
			Why: Unreadable.Why, Safe: p.Hint,
		}}
		if p.PsqlOnly {
			found.Severity, found.Why = lint.Warning, "Only psql can run it; it was left out, and the rest of the file was read."
		}
		if lines := texts[p.Path]; p.Line >= 1 && p.Line <= len(lines) {
			found.Source = lines[p.Line-1]
		}
		out = append(out, found)
	}
	return out
}
