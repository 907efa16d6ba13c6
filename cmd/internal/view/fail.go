package view

import (
	"errors"
	"fmt"
	"strings"
)

// Fail prints an error in the place of a result: as text on standard error, and as JSON on standard output with --json.
func (v *View) Fail(err error) {
	f := Explain(err)
	v.streams.tell("error", f.Message)
	d := &Failed{Head: Head{Version: ShapeVersion, Command: v.opts.Command, Notes: v.takeNotes()}, Unmanaged: v.takeListed(), Error: f}
	if err := v.encode(d); err != nil {
		v.say(func(p *page) { p.styledf(red, "Error: %s", err) })
	}
	if v.opts.JSON {
		// The text would be the second message about the same error; a pipeline's log is read by people too, so one line stays.
		v.say(func(p *page) { p.linef("Error: %s", oneLine(f.Message)) })
		return
	}
	var bug *Bug
	v.say(func(p *page) {
		p.failure(f)
		if errors.As(err, &bug) {
			p.block(plain, "  ", bug.Stack)
		}
	})
}

// Diagnose prints warnings about files that do not stop the command.
func (v *View) Diagnose(list []Diagnostic) {
	for _, d := range list {
		level := "warn"
		if d.Severity == "error" {
			level = "error"
		}
		v.streams.tell(level, fmt.Sprintf("%s:%d: %s: %s", d.File, d.Line, d.Summary, d.Detail))
	}
	v.say(func(p *page) {
		for _, d := range list {
			p.diagnostic(d)
			p.blank()
		}
	})
}

func (p *page) failure(f Failure) {
	for i, d := range f.Diagnostics {
		if i > 0 {
			p.blank()
		}
		p.diagnostic(d)
	}
	switch {
	case len(f.Problems) > 1:
		p.problems(f.Problems)
		return
	case len(f.Diagnostics) == 0:
		message := f.Message
		if f.Object != "" && !strings.Contains(message, f.Object) {
			message = f.Object + ": " + message
		}
		p.styledf(red, "Error: %s", message)
	case len(f.Diagnostics) > 1:
		p.blank()
		p.styledf(red, "Error: %s", f.Message)
	}
	if f.Code == "rename" && len(f.Differences) > 1 || f.Code == "proof" || f.Code == "destructive" {
		for _, difference := range f.Differences {
			p.linef("  %s", difference)
		}
	}
	if f.Next != "" && !strings.Contains(f.Message, f.Next) && !saidBy(f.Diagnostics, f.Next) {
		p.linef("Next: %s", f.Next)
	}
	if f.Restore != "" {
		p.linef("A backup was taken before the first step; to see the way back: %s", f.Restore)
	}
}

// problems lists what speaks against an import, each with its way out.
func (p *page) problems(list []ImportProblem) {
	p.styledf(red, "Error: %d things speak against taking the history over:", len(list))
	for i, problem := range list {
		if i == entriesShown {
			p.linef("  … and %d more (--json lists them)", len(list)-entriesShown)
			return
		}
		p.linef("  %s: %s", problem.Code, oneLine(problem.Message))
		if problem.Next != "" && (i == 0 || list[i-1].Next != problem.Next) {
			p.linef("    Next: %s", oneLine(problem.Next))
		}
	}
}

func saidBy(list []Diagnostic, text string) bool {
	for _, d := range list {
		if strings.Contains(d.Detail, text) {
			return true
		}
	}
	return false
}
