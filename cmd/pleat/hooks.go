package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/pleatdb/pleat/apply"
	"github.com/pleatdb/pleat/cmd/internal/config"
	"github.com/pleatdb/pleat/cmd/internal/credential"
	"github.com/pleatdb/pleat/cmd/internal/event"
	"github.com/pleatdb/pleat/cmd/internal/hook"
	"github.com/pleatdb/pleat/history"
	"github.com/pleatdb/pleat/history/migration"
)

// occasions are when hooks run, by command. A redo is both.
var occasions = map[string]struct{ before, after []string }{
	apply.CommandApply:    {[]string{config.BeforeApply}, []string{config.AfterApply}},
	apply.CommandRollback: {[]string{config.BeforeRollback}, []string{config.AfterRollback}},
	apply.CommandRedo:     {[]string{config.BeforeRollback, config.BeforeApply}, []string{config.AfterRollback, config.AfterApply}},
}

// before runs the hooks that come before a run; it is an [apply.Preparation].
func (t *telling) before(ctx context.Context, u apply.Upcoming) ([]history.Event, error) {
	t.upcoming = u
	return nil, t.runHooks(ctx, occasions[u.Command].before, "", versionsOf(u.Migrations))
}

// after runs the hooks that come after a run, or after its failure. A run that had nothing to do has none.
func (t *telling) after(ctx context.Context, result *apply.Result, failure error) error {
	if failure != nil {
		return t.runHooks(ctx, []string{config.OnFailure}, "failure", versionsOf(t.upcoming.Migrations))
	}
	if t.upcoming.Run == "" {
		return nil
	}
	var done []*migration.Migration
	for _, o := range result.Done {
		done = append(done, o.Migration)
	}
	err := t.runHooks(ctx, occasions[t.upcoming.Command].after, "success", versionsOf(done))
	if err != nil {
		err = fmt.Errorf("the run %s is complete, but a hook after it failed: %w", result.Run, err)
	}
	return err
}

func versionsOf(list []*migration.Migration) (out []string) {
	for _, m := range list {
		out = append(out, m.Version)
	}
	return out
}

// runHooks runs the hooks of some occasions in their order. The first that fails and whose failure counts ends it.
func (t *telling) runHooks(ctx context.Context, when []string, outcome string, versions []string) error {
	for _, h := range t.hooks {
		if !slices.Contains(when, h.When) {
			continue
		}
		begin := t.project.app.now()
		err := t.runHook(ctx, h, outcome, versions)
		e := event.Event{Type: event.TypeHookDone, Title: h.Name, Message: "hook " + h.Name + " is done", Milliseconds: t.project.app.now().Sub(begin).Milliseconds()}
		if err != nil {
			e.Type, e.Level, e.Message = event.TypeHookFailed, "warn", err.Error()
		}
		t.teller.Tell(e)
		if err != nil && h.Fatal {
			return err
		}
		if err != nil {
			t.project.view.Warn(err.Error())
		}
	}
	return nil
}

// lastWords is how long hooks after an interrupted run may take: whoever interrupted it will not wait for long.
const lastWords = 5 * time.Second

func (t *telling) runHook(ctx context.Context, h *config.Hook, outcome string, versions []string) error {
	p := t.project
	environ, err := p.hookEnvironment(ctx, h)
	if err != nil {
		return fmt.Errorf("hook %q: %w", h.Name, err)
	}
	about := t.last
	environ = append(environ, "PLEAT_RUN="+about.Run, "PLEAT_COMMAND="+about.Command, "PLEAT_OUTCOME="+outcome, "PLEAT_VERSIONS="+strings.Join(versions, " "))
	stdin, err := json.Marshal(about)
	if err != nil {
		return fmt.Errorf("hook %q: encode the event: %w", h.Name, err)
	}
	timeout := h.Timeout
	if outcome != "" && ctx.Err() != nil {
		ctx = context.WithoutCancel(ctx)
		timeout = min(cmpOr(timeout, hook.DefaultTimeout), lastWords)
	}
	p.view.Progress("hook " + h.Name)
	return hook.Command{
		Name: h.Name, Argv: h.Command, Dir: h.Dir, Env: environ, Stdin: append(stdin, '\n'), Timeout: timeout, Abort: t.abort,
		Output: func(line string) { p.view.Progress("hook " + h.Name + ": " + line) },
	}.Run(ctx)
}

func cmpOr(d, otherwise time.Duration) time.Duration {
	if d == 0 {
		return otherwise
	}
	return d
}

// hookEnvironment is this process's environment without what could be a secret, with the hook's own variables, and with the login of the
// database where the hook asks for it.
func (p *project) hookEnvironment(ctx context.Context, h *config.Hook) ([]string, error) {
	var out []string
	for _, pair := range credential.Environ(os.Environ()) {
		name, value, _ := strings.Cut(pair, "=")
		if strings.HasPrefix(name, "PG") || strings.HasPrefix(name, "PLEAT_") || p.app.streams.Mask(value) != value {
			continue
		}
		out = append(out, pair)
	}
	if h.Credentials {
		login, err := p.login(ctx)
		if err != nil {
			return nil, err
		}
		out = append(out, login...)
	}
	for name, value := range h.Environment {
		out = append(out, name+"="+value)
	}
	return out, nil
}

// login are libpq's variables for the target, with the login that is good now.
func (p *project) login(ctx context.Context) ([]string, error) {
	if p.target == nil {
		return nil, errors.New("no database is known")
	}
	t, err := p.target.Current(context.WithoutCancel(ctx))
	if err != nil {
		return nil, err
	}
	p.app.hideTarget(t)
	env, err := t.Libpq()
	if err != nil {
		return nil, err
	}
	// It names its sessions itself.
	env = slices.DeleteFunc(env, func(pair string) bool { return strings.HasPrefix(pair, "PGAPPNAME=") })
	return append(env, "PGPASSWORD="+t.Password().Reveal()), nil
}
