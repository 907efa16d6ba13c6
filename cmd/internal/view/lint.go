package view

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/pleatdb/pleat/cmd/internal/review"
	"github.com/pleatdb/pleat/planner/lint"
)

// LintForm is how the result of lint is written where no JSON is asked for.
type LintForm struct {
	// Format is "text", "sarif" or "github"; empty for text.
	Format string
	// Root is the directory from which SARIF and GitHub count paths: that of the repository. Empty for the working directory.
	Root string
	// Version is pleat's own.
	Version string
}

type lintForm = LintForm

// NewLint gathers what was found. failOn is the least severity that counts: "error", "warning", "note", or "none".
func NewLint(s *review.Set, found []review.Found, failOn string, form LintForm) *Lint {
	d := &Lint{FailOn: failOn, Findings: []Finding{}, Unmeasured: []string{}, Skipped: []SkippedFile{}, Since: s.Since, form: form}
	d.Summary.Migrations, d.Summary.Statements = s.Files()
	on, missing := s.Measured()
	d.MeasuredOn, d.Unmeasured = on, append(d.Unmeasured, missing...)
	prints := map[string]int{}
	for _, f := range found {
		shape := finding(f)
		shape.Fingerprint = fingerprint(f, prints)
		d.Findings = append(d.Findings, shape)
		d.count(shape)
	}
	for _, f := range s.Skipped() {
		d.Skipped = append(d.Skipped, SkippedFile{f.Path, f.Reason})
	}
	d.OK = !d.fails()
	return d
}

// SetAudit adds the audit. It finds something where a migration destroys, or has no way back.
func (d *Lint) SetAudit(a review.Audit) {
	d.Audit = &Audit{Destructive: []Destruction{}, Forward: []SkippedFile{}}
	for _, x := range a.Destructive {
		d.Audit.Destructive = append(d.Audit.Destructive, Destruction{x.Path, x.Line, x.What, x.Source})
	}
	for _, x := range a.Forward {
		d.Audit.Forward = append(d.Audit.Forward, SkippedFile{x.Path, x.Reason})
	}
	d.OK = d.OK && (d.FailOn == "none" || len(d.Audit.Destructive)+len(d.Audit.Forward) == 0)
}

func finding(f review.Found) Finding {
	out := Finding{
		Code: f.Code, Title: f.Title, Severity: string(f.Severity), File: f.Path, Line: f.Line, Column: f.Column, EndLine: f.EndLine,
		EndColumn: f.EndColumn, Source: shortened(f.Source, f.Column), SQL: f.SQL, Step: f.Step, Down: f.Down, Why: f.Why, Safe: f.Safe,
		Holds: f.Holds, Measured: f.Measured, Cost: f.Cost,
	}
	if f.Object.Name != "" {
		out.Object = f.Object.String()
	}
	if f.Allowed != nil {
		out.Allowed = f.Allowed.Reason
	}
	return out
}

// shortened cuts a line that is wider than any terminal; one whose finding lies behind the cut is left out.
func shortened(source string, column int) string {
	const most = 500
	runes := []rune(source)
	switch {
	case len(runes) <= most:
		return source
	case column > most:
		return ""
	}
	return string(runes[:most]) + "…"
}

// fingerprint tells a finding from the others by what it is about and not by its line. The number tells equal ones apart.
func fingerprint(f review.Found, seen map[string]int) string {
	sum := sha256.Sum256([]byte(strings.Join([]string{f.Code, filepath.ToSlash(f.Path), f.Object.String(), strings.Join(strings.Fields(f.SQL), " ")}, "\x00")))
	print := hex.EncodeToString(sum[:16])
	seen[print]++
	return fmt.Sprintf("%s:%d", print, seen[print])
}

func (d *Lint) count(f Finding) {
	switch {
	case f.Allowed != "":
		d.Summary.Allowed++
	case f.Severity == string(lint.Error):
		d.Summary.Errors++
	case f.Severity == string(lint.Warning):
		d.Summary.Warnings++
	default:
		d.Summary.Notes++
	}
}

// fails reports whether something is at least as severe as what counts.
func (d *Lint) fails() bool {
	s := d.Summary
	switch d.FailOn {
	case "none":
		return false
	case "note":
		return s.Errors+s.Warnings+s.Notes > 0
	case "warning":
		return s.Errors+s.Warnings > 0
	}
	return s.Errors > 0
}

func (d *Lint) text(p *page) {
	switch d.form.Format {
	case "sarif":
		p.b.WriteString(d.sarif())
	case "github":
		p.b.WriteString(d.github())
	default:
		d.plain(p)
	}
}

// uri is a file's path as a program that knows the repository wants it.
func (d *Lint) uri(path string) string {
	if d.form.Root == "" {
		return filepath.ToSlash(path)
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return filepath.ToSlash(path)
	}
	if resolved, err := filepath.EvalSymlinks(abs); err == nil {
		abs = resolved
	}
	rel, err := filepath.Rel(d.form.Root, abs)
	if err != nil || strings.HasPrefix(rel, "..") {
		return filepath.ToSlash(path)
	}
	return filepath.ToSlash(rel)
}
