package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// journey takes one case through pleat's commands.
type journey struct {
	material
	lab   *lab
	pleat *pleat
	out   *outcome
}

// try runs one case in dir and cleans the server after it. The error says that the server is not fit for another case.
func (l *lab) try(ctx context.Context, o options, m material, dir string) (outcome, error) {
	out := outcome{Set: m.set, Case: m.name, Class: passed}
	p := &pleat{program: o.pleat, dir: dir, shadow: l.shadow(), limit: o.limit, out: &out}
	j := journey{material: m, lab: l, pleat: p, out: &out}
	err := os.MkdirAll(dir, 0o755)
	if err == nil && m.set == "schemas" {
		err = j.importing(ctx)
	} else if err == nil {
		err = j.changing(ctx)
	}
	var f *finding
	switch {
	case errors.As(err, &f):
		out.add(*f)
	case err != nil:
		out.add(finding{Class: notRun, What: firstLines(err.Error(), 3)})
	}
	leaked, err := l.reset(context.WithoutCancel(ctx))
	if len(leaked) > 0 {
		out.add(finding{Class: failed, What: fmt.Sprintf("pleat left %d shadow databases behind", len(leaked)), Lines: leaked})
	}
	return out, err
}

// importing: an existing database becomes files, and the files become a database.
func (j journey) importing(ctx context.Context) error {
	a, err := j.state(ctx, "a", j.new)
	if err != nil {
		return err
	}
	if err := j.inspect(ctx, a.url); err != nil {
		return err
	}
	if err := j.step(ctx, "import", "import", "--url", a.url, "--out", j.pleat.dir); err != nil {
		return err
	}
	if err := j.compare(ctx, "import changed the database", a.dump, a.url); err != nil {
		return err
	}
	if err := j.unchanged(ctx, "plan after import", a.url, "migrations", true); err != nil {
		return err
	}
	b, err := j.state(ctx, "b")
	if err != nil {
		return err
	}
	return j.thereAndBack(ctx, b, a)
}

// changing: a database of the old state becomes one of the new state.
func (j journey) changing(ctx context.Context) error {
	want, err := j.state(ctx, "new", j.setup, j.new)
	if err != nil {
		return err
	}
	start, err := j.state(ctx, "old", j.setup, j.old, j.seed)
	if err != nil {
		return err
	}
	// What pleat leaves alone in the old state counts too.
	if err := j.inspect(ctx, start.url); err != nil {
		return err
	}
	if err := j.step(ctx, "inspect", "inspect", "--url", want.url, "--out", filepath.Join(j.pleat.dir, "schema")); err != nil {
		return err
	}
	return j.thereAndBack(ctx, start, want)
}

// state is a database and its dump.
type state struct{ url, dump string }

func (j journey) state(ctx context.Context, name string, scripts ...string) (state, error) {
	if j.set == "schemas" && len(scripts) > 0 {
		scripts = append([]string{j.setup}, scripts...)
	}
	url, err := j.lab.database(ctx, name)
	if err != nil {
		return state{}, err
	}
	if err := load(ctx, url, scripts...); err != nil {
		return state{}, err
	}
	dump, err := j.lab.dumper.dump(ctx, url)
	return state{url, dump}, err
}

// inspect has pleat list what it does not touch.
func (j journey) inspect(ctx context.Context, url string) error {
	return j.step(ctx, "list unmanaged", "inspect", "--url", url)
}

// step runs a command that must succeed or refuse by name.
func (j journey) step(ctx context.Context, step string, args ...string) error {
	a, err := j.pleat.run(ctx, step, args...)
	if err != nil {
		return err
	}
	if f := a.check(step, true, j.pleat.listed, 0); f != nil {
		return f
	}
	return nil
}

// thereAndBack plans and applies the files in the database of the state start, whose dump must become that of want, and
// rolls all back.
func (j journey) thereAndBack(ctx context.Context, start, want state) error {
	const migrations = "migrations-b"
	if err := os.MkdirAll(filepath.Join(j.pleat.dir, migrations), 0o755); err != nil {
		return err
	}
	plan, err := j.pleat.run(ctx, "plan", j.planning(start.url, migrations,
		"--auto-approve", "--renames", "drop", "--name", "change")...)
	if err != nil {
		return err
	}
	if f := plan.check("plan", true, j.pleat.listed, 0, 2); f != nil {
		return f
	}
	watch, err := j.watch(ctx, start.url, want.url, plan.destroyed())
	if err != nil {
		return err
	}
	planned := plan.exit == 2
	if planned {
		if err := j.must(ctx, "apply", "apply", "--url", start.url, "--migrations", j.path(migrations), "--auto-approve"); err != nil {
			return err
		}
	}
	if err := j.compare(ctx, "after apply", want.dump, start.url); err != nil {
		return err
	}
	if err := watch.check(ctx, j, "after apply"); err != nil {
		return err
	}
	if err := j.unchanged(ctx, "second plan", start.url, migrations, false); err != nil || !planned {
		return err
	}
	return j.back(ctx, start, migrations, watch)
}

// back rolls all migrations back.
func (j journey) back(ctx context.Context, start state, migrations string, watch watched) error {
	err := j.must(ctx, "rollback", "rollback", "--url", start.url, "--migrations", j.path(migrations), "--to", "0",
		"--accept-data-loss", "--auto-approve")
	if err != nil {
		return err
	}
	if err := j.compare(ctx, "after rollback", start.dump, start.url); err != nil {
		return err
	}
	return watch.check(ctx, j, "after rollback")
}

// planning is a plan's command line. All is done in one file: what is judged is where a plan leads, and the dump would show
// the trash that a contract leaves.
func (j journey) planning(url, migrations string, more ...string) []string {
	args := []string{"plan", "--url", url, "--schema", j.path("schema"), "--migrations", j.path(migrations),
		"--contract", "immediate", "--detailed-exitcode"}
	return append(args, more...)
}

func (j journey) path(name string) string { return filepath.Join(j.pleat.dir, name) }

// must runs a command that executes a plan: here a refusal comes too late.
func (j journey) must(ctx context.Context, step string, args ...string) error {
	a, err := j.pleat.run(ctx, step, args...)
	if err != nil {
		return err
	}
	if f := a.check(step, false, nil, 0); f != nil {
		return f
	}
	return nil
}

// unchanged wants an empty plan. What else the case shows is worth knowing even where it is not empty.
func (j journey) unchanged(ctx context.Context, step, url, migrations string, mayRefuse bool) error {
	a, err := j.pleat.run(ctx, step, j.planning(url, migrations, "--dry-run", "--name", "again")...)
	if err != nil {
		return err
	}
	if f := a.check(step, mayRefuse, j.pleat.listed, 0); f != nil {
		j.out.add(*f)
	}
	return nil
}

// compare notes how the dump of a database differs from the one wanted.
func (j journey) compare(ctx context.Context, when, want, url string) error {
	got, err := j.lab.dumper.dump(ctx, url)
	if err != nil {
		return err
	}
	v, err := judge(want, got)
	if err != nil {
		return err
	}
	j.out.ByOrder = j.out.ByOrder || len(v.ByOrder) > 0
	c := v.class(j.pleat.listed)
	if c == passed {
		return nil
	}
	if c == silentlyWrong && strings.Contains(when, "rollback") {
		// Here pleat was asked to undo and did something else: no less grave, but another fault.
		c = failed
	}
	j.out.add(finding{Class: c, What: when + ": the dump differs", Lines: v.lines(), Unified: v.unified()})
	return nil
}
