package view

import (
	"fmt"
	"strings"
)

// github writes the findings as workflow commands, which GitHub shows beside the lines of a pull request, and the verdict
// as a line of the log.
func (d *Lint) github() string {
	var b strings.Builder
	for _, f := range d.Findings {
		if f.Allowed != "" {
			continue
		}
		command := "notice"
		if f.Severity != "note" {
			command = f.Severity
		}
		at := "file=" + property(d.uri(f.File))
		if f.Line > 0 {
			at += fmt.Sprintf(",line=%d,col=%d", f.Line, f.Column)
		}
		if f.EndLine > 0 {
			at += fmt.Sprintf(",endLine=%d,endColumn=%d", f.EndLine, f.EndColumn)
		}
		fmt.Fprintf(&b, "::%s %s,title=%s::%s\n", command, at, property(f.Code+" "+f.Title), message(f.prose()))
	}
	fmt.Fprintln(&b, Clean(d.verdict()))
	return b.String()
}

// prose is all that a finding says beside its title.
func (f *Finding) prose() string {
	out := f.Why
	if f.Safe != "" {
		out += "\nSafe: " + f.Safe
	}
	if f.Cost != "" {
		out += "\nCost: " + f.Cost
	}
	if basis := f.basis(); basis != "" {
		out += "\n(" + basis + ")"
	}
	return out
}

// message escapes the text of a workflow command, which ends at the end of its line.
func message(text string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(Clean(text))
}

// property escapes what stands before the text, where a colon and a comma divide too.
func property(text string) string {
	return strings.NewReplacer(":", "%3A", ",", "%2C").Replace(message(text))
}
