package main

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/pleatdb/pleat/cmd/internal/connect"
	"github.com/pleatdb/pleat/cmd/internal/view"
)

// app is the process as commands see it.
type app struct {
	streams *view.Streams
	now     func() time.Time
	version string
	getenv  func(string) string
	log     logging
	// patience is for those who are told of runs.
	patience patience
	// abort is closed when everything is to end at once; nil never is.
	abort <-chan struct{}
	// ending is done, newest first, when the command line is done, however it ended.
	ending []func()
}

// atExit has something done at the end: giving back what was borrowed.
func (a *app) atExit(do func()) { a.ending = append(a.ending, do) }

func (a *app) end() {
	for _, do := range slices.Backward(a.ending) {
		do()
	}
	a.ending = nil
}

// errFound is returned by a command that looked for differences and found some; it has shown them.
var errFound = errors.New("differences were found")

// shown is an error that the command has shown already.
type shown struct{ error }

// main runs one command line and gives the exit code.
func (a *app) main(ctx context.Context, args []string) (code int) {
	root := newRootCmd(a)
	args = doubleDashes(root, args)
	a.hideSecrets(args)
	defer a.end()
	defer func() {
		if value := recover(); value != nil {
			a.fallback(args).Fail(&view.Bug{Value: value, Stack: string(debug.Stack())})
			code = 1
		}
	}()
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	var already shown
	switch {
	case err == nil:
		return 0
	case errors.Is(err, errFound):
		return 2
	case !errors.As(err, &already):
		a.fallback(args).Fail(&view.Refusal{Code: "usage", Message: complaint(err), Next: "see: pleat --help"})
	}
	return 1
}

// complaint is cobra's error about the command line, on one line.
func complaint(err error) string {
	text, meant, ok := strings.Cut(err.Error(), "\n\nDid you mean this?\n")
	if ok {
		text += "; did you mean " + strings.Join(strings.Fields(meant), " or ") + "?"
	}
	return text
}

// fallback is the view for what goes wrong outside of a command.
func (a *app) fallback(args []string) *view.View {
	command := ""
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		command = args[0]
	}
	return view.New(a.streams, view.Options{
		Command: command, JSON: slices.Contains(args, "--json"), NoColor: slices.Contains(args, "--no-color"), Getenv: a.getenv,
	})
}

// hideSecrets masks the passwords of connection strings before anything is read, since even a complaint about the command line
// could repeat them.
func (a *app) hideSecrets(args []string) {
	candidates := []string{a.getenv("PLEAT_URL"), a.getenv("PLEAT_DIRECT_URL"), a.getenv("DATABASE_URL")}
	for _, arg := range args {
		if name, value, ok := strings.Cut(arg, "="); ok && strings.HasPrefix(name, "--") {
			arg = value
		}
		candidates = append(candidates, arg)
	}
	for _, text := range candidates {
		if strings.Contains(text, "://") || strings.Contains(text, "password=") {
			a.hideURL(text)
		}
	}
	a.hide(a.getenv("PGPASSWORD"), "", "")
}

// hideURL masks the password in a connection string. Where the string cannot be read, all of it is masked.
func (a *app) hideURL(text string) {
	none := func(string) string { return "" }
	target, err := connect.Parse(text, none)
	if err != nil {
		a.streams.Hide(text)
		return
	}
	a.hideTarget(target)
	if _, rest, ok := strings.Cut(text, "://"); ok && !target.Password().Empty() {
		a.streams.Hide(text)
		if userinfo, _, ok := strings.Cut(rest, "@"); ok {
			_, password, _ := strings.Cut(userinfo, ":")
			a.hide(password, target.User(), target.Database())
		}
	}
}

func (a *app) hideTarget(t *connect.Target) {
	a.hide(t.Password().Reveal(), t.User(), t.Database())
}

// hide masks a password unless it is the name of the role or database, as on many a laptop: masking it would hide those
// names in all that is printed, and it is no secret.
func (a *app) hide(password, user, database string) {
	if password != user && password != database {
		a.streams.Hide(password)
	}
}

// doubleDashes lets long flags have a single dash, as other tools write them: -detailed-exitcode.
func doubleDashes(root *cobra.Command, args []string) []string {
	known := flagNames(root)
	out := slices.Clone(args)
	for i, arg := range out {
		if arg == "--" {
			break
		}
		name, _, _ := strings.Cut(strings.TrimPrefix(arg, "-"), "=")
		if strings.HasPrefix(arg, "-") && !strings.HasPrefix(arg, "--") && known[name] {
			out[i] = "-" + arg
		}
	}
	return out
}

// buildVersion is the version that the build recorded.
func buildVersion() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" || info.Main.Version == "(devel)" {
		return "dev"
	}
	return strings.TrimPrefix(info.Main.Version, "v")
}

// tool is how the log names this program.
func (a *app) tool() string { return fmt.Sprintf("pleat %s", a.version) }
