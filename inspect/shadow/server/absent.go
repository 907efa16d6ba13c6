package server

import (
	"fmt"
	"os/exec"
	"runtime"
	"strings"
)

// AbsentError reports that one provider does not have what was asked for; the next may.
type AbsentError struct {
	// Reason is for people, without the provider's name: "no npm on PATH".
	Reason string
	// Majors are the major versions that the provider does have, newest first.
	Majors []int
}

func (e *AbsentError) Error() string { return "start throw-away server: " + e.Reason }

// NotFoundError reports that no provider has a server of the version asked for.
type NotFoundError struct {
	// Major is the version that was asked for; 0 for any.
	Major int
	// Majors are the major versions that were found instead.
	Majors []int
	// Tried holds a line for each provider: its name, and why it could not serve.
	Tried []string
}

func (e *NotFoundError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "find a throw-away %s: none is at hand\n", product(e.Major))
	for _, line := range e.Tried {
		fmt.Fprintf(&b, "  %s\n", line)
	}
	fmt.Fprintf(&b, "to mend it: %s", e.Mend())
	return b.String()
}

// Mend is the one command, or flag, after which the server would be found.
func (e *NotFoundError) Mend() string {
	major := e.Major
	if major == 0 {
		major = NewestMajor
	}
	for _, installer := range []struct{ tool, command string }{
		{"brew", fmt.Sprintf("brew install postgresql@%d", major)},
		{"apt-get", fmt.Sprintf("apt-get install postgresql-%d", major)},
		{"dnf", fmt.Sprintf("dnf install postgresql%d-server", major)},
		{"apk", fmt.Sprintf("apk add postgresql%d", major)},
		{"winget", fmt.Sprintf("winget install PostgreSQL.PostgreSQL.%d", major)},
	} {
		if installer.tool == "brew" && runtime.GOOS != "darwin" {
			continue
		}
		if _, err := exec.LookPath(installer.tool); err == nil {
			return installer.command
		}
	}
	return "--shadow postgres://user@host/database, naming a server that may hold throw-away databases"
}

func product(major int) string {
	if major == 0 {
		return "PostgreSQL"
	}
	return fmt.Sprintf("PostgreSQL %d", major)
}
