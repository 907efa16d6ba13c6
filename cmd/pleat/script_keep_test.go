package main

import (
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// keepCmd puts the last standard output, which is one word, into a variable: keep NAME.
func keepCmd(ts *testscript.TestScript, neg bool, args []string) {
	text := strings.TrimSpace(ts.ReadFile("stdout"))
	if neg || len(args) != 1 || len(strings.Fields(text)) != 1 {
		ts.Fatalf("usage: keep NAME, after a command that printed one word (%q)", text)
	}
	ts.Setenv(args[0], text)
}
