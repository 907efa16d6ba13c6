package main

import (
	"slices"
	"strings"
	"time"
)

// class is what became of a case.
type class string

// The classes, from the lightest to the gravest.
const (
	passed        class = "passed"
	onlyACL       class = "acl"
	leftAlone     class = "unmanaged"
	refused       class = "refused"
	notRun        class = "not run"
	failed        class = "failed"
	silentlyWrong class = "silently wrong"
)

var classes = []class{passed, onlyACL, leftAlone, refused, notRun, failed, silentlyWrong}

// outcome is what became of one case, and why.
type outcome struct {
	Set   string `json:"set"`
	Case  string `json:"case"`
	Class class  `json:"class"`
	// ByOrder: somewhere the order of columns differed, which is no finding.
	ByOrder  bool      `json:"by_order,omitempty"`
	Findings []finding `json:"findings,omitempty"`
	// Unmanaged are the objects that pleat listed.
	Unmanaged []string `json:"unmanaged,omitempty"`
	// Tables and Rows count what was watched over.
	Tables   int       `json:"tables,omitempty"`
	Rows     int64     `json:"rows,omitempty"`
	Commands []command `json:"commands,omitempty"`
	// Dir holds the commands' files; empty when it was not kept.
	Dir string `json:"dir,omitempty"`
}

// finding is one thing that is not as it should be.
type finding struct {
	Class class `json:"class"`
	// What says it in one line.
	What string `json:"what"`
	// Lines are the evidence: statements of dumps, or an error's text.
	Lines []string `json:"lines,omitempty"`
	// Unified is the difference of dumps in full.
	Unified string `json:"unified,omitempty"`
}

// Error makes findings usable as errors: the first grave one ends a case.
func (f *finding) Error() string { return string(f.Class) + ": " + f.What }

// command is one run of pleat.
type command struct {
	Step string        `json:"step"`
	Exit int           `json:"exit"`
	Took time.Duration `json:"took_ns"`
}

// add notes a finding; the class of the case is that of its gravest.
func (o *outcome) add(f finding) {
	o.Findings = append(o.Findings, f)
	if slices.Index(classes, f.Class) > slices.Index(classes, o.Class) {
		o.Class = f.Class
	}
}

func (o *outcome) String() string { return o.Set + "/" + o.Case }

// maxLine bounds a line of evidence, in bytes: JSON may be a single one.
const maxLine = 500

// firstLines is text cut after n lines that are not blank.
func firstLines(text string, n int) string {
	var kept []string
	for line := range strings.Lines(text) {
		if line = strings.TrimRight(line, " \r\n"); line == "" {
			continue
		}
		if len(kept) == n {
			kept = append(kept, "…")
			break
		}
		if len(line) > maxLine {
			line = strings.ToValidUTF8(line[:maxLine], "") + "…"
		}
		kept = append(kept, line)
	}
	return strings.Join(kept, "\n")
}
