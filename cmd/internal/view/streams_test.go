package view

import (
	"bytes"
	"encoding/json"
	"net/url"
	"strings"
	"testing"
)

// recorded are streams into buffers, and a view over them.
func recordedView(o Options) (v *View, out, err *bytes.Buffer) {
	out, err = &bytes.Buffer{}, &bytes.Buffer{}
	if o.Command == "" {
		o.Command = "plan"
	}
	if o.Getenv == nil {
		o.Getenv = func(string) string { return "" }
	}
	return New(NewStreams(strings.NewReader(""), out, err), o), out, err
}

func TestSecretsAreMaskedInEverySpelling(t *testing.T) {
	const secret = `p/w "x" <é>'s`
	var out bytes.Buffer
	s := NewStreams(strings.NewReader(""), &out, &out)
	s.Hide(secret)
	quoted, err := json.Marshal(secret)
	if err != nil {
		t.Fatal(err)
	}
	for _, form := range []string{
		secret, url.QueryEscape(secret), url.PathEscape(secret), url.UserPassword("u", secret).String(), string(quoted),
		strings.ReplaceAll(secret, "'", "''"),
	} {
		out.Reset()
		if _, err := s.Out.Write([]byte("before " + form + " after")); err != nil {
			t.Fatal(err)
		}
		if text := out.String(); !strings.Contains(text, hidden) || strings.Contains(text, "p/w") || strings.Contains(text, "p%2Fw") {
			t.Errorf("%s was written as %s", form, text)
		}
	}
}

func TestALongerSecretIsMaskedBeforeAPartOfIt(t *testing.T) {
	var out bytes.Buffer
	s := NewStreams(strings.NewReader(""), &out, &out)
	s.Hide("secret", "secretword")
	s.HideBy(func(text string) string { return strings.ReplaceAll(text, "other", "###") })
	n, err := s.Err.Write([]byte("secretword other secret abc"))
	if want := hidden + " ### " + hidden + " abc"; out.String() != want || err != nil {
		t.Errorf("got %q, want %q", out.String(), want)
	}
	if n != len("secretword other secret abc") {
		t.Errorf("the writer counts %d bytes, not those that it was given", n)
	}
}

func TestShortTextsAreNotMasked(t *testing.T) {
	var out bytes.Buffer
	s := NewStreams(strings.NewReader(""), &out, &out)
	s.Hide("", "a", "app")
	if got := s.Mask("app a"); got != "app a" {
		t.Errorf("got %q", got)
	}
}

func TestCleanLeavesNothingThatCommandsATerminal(t *testing.T) {
	for text, want := range map[string]string{
		"plain é\ttab\nline": "plain é\ttab\nline",
		"\x1b[31mred":        `\x1b[31mred`,
		"bell\a\r":           `bell\x07\x0d`,
		"c1 \u009b31m":       `c1 \u009b31m`,
		"\u202eright":        `\u202eright`,
		"zero\u200bwidth":    `zero\u200bwidth`,
		"bad \xff byte":      `bad \xff byte`,
		"para\u2029graph":    `para\u2029graph`,
	} {
		if got := Clean(text); got != want {
			t.Errorf("Clean(%q) = %q, want %q", text, got, want)
		}
	}
	if got := oneLine("a\n\tb"); got != `a\n\tb` {
		t.Errorf("oneLine gives %q", got)
	}
}

func TestColourOnlyWhereAPersonSeesIt(t *testing.T) {
	for _, test := range []struct {
		name     string
		terminal bool
		o        Options
		want     bool
	}{
		{"no terminal", false, Options{}, false},
		{"terminal", true, Options{}, true},
		{"--no-color", true, Options{NoColor: true}, false},
		{"NO_COLOR", true, Options{Getenv: func(name string) string { return map[string]string{"NO_COLOR": "1"}[name] }}, false},
		{"dumb", true, Options{Getenv: func(name string) string { return map[string]string{"TERM": "dumb"}[name] }}, false},
	} {
		var err bytes.Buffer
		s := NewStreams(strings.NewReader(""), &bytes.Buffer{}, &err)
		s.ErrTerminal = test.terminal
		if test.o.Getenv == nil {
			test.o.Getenv = func(string) string { return "" }
		}
		New(s, test.o).Warn("careful \x1b[1m")
		text := err.String()
		if got := strings.Contains(text, "\x1b[33m"); got != test.want {
			t.Errorf("%s: %q", test.name, text)
		}
		if strings.Contains(text, "\x1b[1m") {
			t.Errorf("%s: an escape of the text came through: %q", test.name, text)
		}
	}
}
