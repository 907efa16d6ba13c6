package main

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"github.com/pleatdb/pleat/cmd/internal/view"
)

// testApp is an app over buffers, with an environment of its own.
func testApp(env map[string]string) (a *app, out, errs *bytes.Buffer) {
	out, errs = &bytes.Buffer{}, &bytes.Buffer{}
	return &app{
		streams: view.NewStreams(strings.NewReader(""), out, errs), now: time.Now, version: "1.2.3",
		getenv: func(name string) string { return env[name] },
	}, out, errs
}

func TestEveryCommandNamesItsExitCodesAndShowsAnExample(t *testing.T) {
	a, _, _ := testApp(nil)
	var visit func(c *cobra.Command)
	visit = func(c *cobra.Command) {
		if c.HasParent() && (!strings.Contains(c.Long, "Exit codes: 0") || !strings.Contains(c.Long, "Example: pleat ")) {
			t.Errorf("%s: %s", c.CommandPath(), c.Long)
		}
		if c.HasParent() && c.Runnable() && !c.HasSubCommands() && c.Flags().Lookup("json") == nil {
			t.Errorf("%s does not take the shared flags", c.CommandPath())
		}
		for _, child := range c.Commands() {
			visit(child)
		}
	}
	visit(newRootCmd(a))
}

func TestPanicIsABug(t *testing.T) {
	for _, args := range [][]string{{"version"}, {"version", "--json"}} {
		a, out, errs := testApp(nil)
		a.streams.Out = &breaking{}
		a.streams.Hide("hunter22")
		code := a.main(context.Background(), args)
		if code != 1 {
			t.Errorf("%v: exit code %d", args, code)
		}
		if !strings.Contains(errs.String(), "this is a bug in pleat") || strings.Contains(errs.String(), "hunter22") {
			t.Errorf("%v: %s", args, errs)
		}
		if out.Len() > 0 {
			t.Errorf("%v: %s", args, out)
		}
	}
}

// breaking is a stream that panics at first.
type breaking struct{ bool }

func (b *breaking) Write(text []byte) (int, error) {
	if !b.bool {
		b.bool = true
		panic("hunter22 broke")
	}
	return len(text), nil
}

func TestLongFlagsMayHaveOneDash(t *testing.T) {
	a, _, _ := testApp(nil)
	got := doubleDashes(newRootCmd(a), []string{"plan", "-detailed-exitcode", "-name=x", "-h", "-unknown", "--json", "--", "-name"})
	want := []string{"plan", "--detailed-exitcode", "--name=x", "-h", "-unknown", "--json", "--", "-name"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

func TestUsageErrorsAreJSONToo(t *testing.T) {
	a, out, _ := testApp(nil)
	if code := a.main(context.Background(), []string{"plan", "--json", "--no-such"}); code != 1 {
		t.Errorf("exit code %d", code)
	}
	var got view.Failed
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if got.Error.Code != "usage" || got.Command != "plan" || got.Version != view.ShapeVersion {
		t.Errorf("got %+v", got)
	}
}

func TestPasswordsOfTheEnvironmentAreHidden(t *testing.T) {
	a, _, _ := testApp(map[string]string{
		"DATABASE_URL": "postgres://app:s%2Fecret-one@h/db", "PLEAT_URL": "host=h password=secret-two", "PGPASSWORD": "secret-three",
	})
	a.hideSecrets([]string{"apply", "--shadow=postgres://u:secret-four@h/db", "--url", "postgres://broken:secret-five@[h/db"})
	for _, text := range []string{"s/ecret-one", "s%2Fecret-one", "secret-two", "secret-three", "secret-four", "postgres://broken:secret-five@[h/db"} {
		if got := a.streams.Mask("<" + text + ">"); strings.Contains(got, "ecret") {
			t.Errorf("%s is written as %s", text, got)
		}
	}
}

func TestAPasswordThatIsANameIsNoSecret(t *testing.T) {
	a, _, _ := testApp(nil)
	a.hideSecrets([]string{"--url", "postgres://postgres:postgres@localhost/app"})
	if got := a.streams.Mask("role postgres"); got != "role postgres" {
		t.Errorf("got %q", got)
	}
}
