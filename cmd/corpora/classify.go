package main

import (
	"slices"
	"strings"
)

// refusals are the beginnings of the codes with which pleat refuses by name.
var refusals = []string{"unsupported", "unmanaged", "rename", "not-built", "refused"}

// check turns the answer of a step into a finding; nil where its exit code is one of those allowed.
// What is a plan, an inspection or an import may refuse by name; what executes a plan may not.
func (a answer) check(step string, mayRefuse bool, listed []unmanaged, allowed ...int) *finding {
	f := &finding{Class: failed}
	said, coded := a.fault()
	text := said.Message
	if said.Object != "" && !strings.Contains(text, said.Object) {
		text = said.Object + ": " + text
	}
	if coded {
		text = "[" + said.Code + "] " + text
	}
	switch {
	case a.timedOut:
		f.What = step + ": no answer in time"
		text = a.stderr
	case isPanic(a.stderr):
		f.What = step + ": panic"
		text = a.stderr
	case slices.Contains(allowed, a.exit):
		return nil
	case a.exit == 1 && mayRefuse && isRefusal(said, coded, listed):
		f.Class, f.What = refused, step+": refused"
	case a.exit == 1 && coded && said.Code == "data":
		// Before anything ran: no plan can make rows fit that do not.
		f.Class, f.What = refused, step+": rows stand in the way"
	case a.exit == 2:
		f.What = step + ": differences are found where there are none"
		text = a.stdout + a.stderr
	default:
		f.What = step + ": error"
	}
	f.Lines = strings.Split(firstLines(text, 40), "\n")
	return f
}

// isPanic tells whether the Go runtime ended the program.
func isPanic(stderr string) bool {
	return strings.Contains(stderr, "goroutine ") &&
		(strings.Contains(stderr, "panic: ") || strings.Contains(stderr, "fatal error: "))
}

// isRefusal tells whether an error says by name what is not done. PostgreSQL says "cannot" too, of what pleat should have
// known: an error of the engine is a refusal only where it stumbles over an object that pleat listed.
func isRefusal(f fault, coded bool, listed []unmanaged) bool {
	if coded && startsWithAny(f.Code, refusals...) {
		return true
	}
	if coded && f.Code != "engine" {
		return false
	}
	for _, u := range listed {
		if u.named(f.Message) || u.named(f.Object) {
			return true
		}
	}
	if coded {
		return false
	}
	if strings.Contains(f.Message, "SQLSTATE") {
		return false
	}
	return strings.Contains(f.Message, "not built yet") || strings.Contains(f.Message, "cannot ")
}
