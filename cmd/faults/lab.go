package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
)

// lab is a server with a program to try on it. One trial at a time is made in it, since a crash of the server is everybody's.
type lab struct {
	server  *postgres
	program string
	disk    *disk
	noDisk  error  // why there is no disk
	dir     string // of the projects
	made    atomic.Int64
}

func startLab(ctx context.Context, major int, program string) (*lab, error) {
	if _, err := os.Stat(program); err != nil {
		return nil, fmt.Errorf("find pleat: %w", err)
	}
	server, err := newPostgres(ctx, major)
	if err != nil {
		return nil, err
	}
	l := &lab{server: server, program: program}
	l.disk, l.noDisk = newDisk(ctx, server)
	if l.dir, err = os.MkdirTemp("", "pleat-faults-"); err != nil {
		l.close()
		return nil, fmt.Errorf("make work directory: %w", err)
	}
	return l, nil
}

func (l *lab) close() {
	// The disk goes first: what is mounted below a directory cannot be removed with it.
	if l.server.process != nil {
		l.server.crash()
		l.server.process = nil
	}
	if l.disk != nil {
		l.disk.close()
	}
	l.server.close()
	_ = os.RemoveAll(l.dir)
}

// prepared is a scenario that can be tried: its project, the database it starts from, and what an undisturbed run does.
type prepared struct {
	*scenario
	pleat    *pleat
	args     []string // of apply
	template string
	want     []string   // the state at the end
	requests []*request // in the order of the undisturbed run
	applied  int        // files in the log at the end
}

// prepare makes the project and the database, and runs it once undisturbed.
func (l *lab) prepare(ctx context.Context, s *scenario) (*prepared, error) {
	c := &prepared{scenario: s, template: "template_" + s.name, args: []string{"apply", "--json"}}
	c.pleat = &pleat{program: l.program, dir: filepath.Join(l.dir, s.name)}
	if err := execute(ctx, l.server.url("postgres"), `CREATE DATABASE "`+c.template+`" TEMPLATE template0`); err != nil {
		return nil, fmt.Errorf("make database: %w", err)
	}
	for name, text := range s.files {
		if err := c.write("migrations/"+name, text); err != nil {
			return nil, err
		}
	}
	if err := c.write("pleat.hcl", cmp.Or(s.text["pleat.hcl"], "# nothing\n")); err != nil {
		return nil, err
	}
	err := c.seed(ctx, l)
	if err == nil && s.lies {
		err = execute(ctx, l.server.url(c.template), lie)
	}
	if err == nil {
		err = c.undisturbed(ctx, l)
	}
	return c, err
}

func (c *prepared) write(name, text string) error {
	path := filepath.Join(c.pleat.dir, name)
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o644)); err != nil {
		return fmt.Errorf("write project: %w", err)
	}
	return nil
}

// seed makes the database that the migrations start from. For a recipe pleat makes it and then plans the files.
func (c *prepared) seed(ctx context.Context, l *lab) error {
	url := l.server.url(c.template)
	if !c.recipe {
		if err := execute(ctx, url, c.text["seed.sql"]); err != nil {
			return fmt.Errorf("seed: %w", err)
		}
		err := c.pleat.must(ctx, url, "hash")
		if err == nil && c.back {
			c.args = []string{"rollback", "--to", "0", "--auto-approve", "--accept-data-loss", "--json"}
			err = c.pleat.must(ctx, url, "apply")
		}
		if err == nil && c.before != "" {
			err = c.pleat.must(ctx, url, "apply", "--to", c.before)
		}
		return err
	}
	plan := []string{"plan", "--shadow", l.server.url("postgres"), "--name"}
	// Both files of a plan run at once here, which leaves no time for evidence.
	err := c.write("pleat.hcl", "evidence {\n  required = false\n}\n")
	if err = errors.Join(err, c.write("schema/schema.hcl", c.text["old.hcl"])); err != nil {
		return err
	}
	if err := c.pleat.must(ctx, url, append(plan, "base", "--contract", "immediate")...); err != nil {
		return err
	}
	if err := c.pleat.must(ctx, url, "apply"); err != nil {
		return err
	}
	if err := execute(ctx, url, strings.ReplaceAll(c.text["seed.sql"], ":rows", fmt.Sprint(recipeRows))); err != nil {
		return fmt.Errorf("seed: %w", err)
	}
	if err := execute(ctx, url, "VACUUM ANALYZE"); err != nil {
		return fmt.Errorf("seed: %w", err)
	}
	if err := c.write("schema/schema.hcl", c.text["new.hcl"]); err != nil {
		return err
	}
	c.args = append(c.args, "--contract", "immediate")
	return c.pleat.must(ctx, url, append(plan, "change")...)
}

// lie makes the server say yes to every wish for an advisory lock, as engines do that only pretend to know them.
const lie = `ALTER FUNCTION pg_catalog.pg_try_advisory_lock(bigint) RENAME TO honest_try_advisory_lock;
	CREATE FUNCTION pg_catalog.pg_try_advisory_lock(bigint) RETURNS boolean LANGUAGE sql AS 'SELECT true'`

// undisturbed runs the migrations through a proxy that only listens.
func (c *prepared) undisturbed(ctx context.Context, l *lab) error {
	database, err := l.copy(ctx, c.template, false)
	if err != nil {
		return err
	}
	defer l.drop(ctx, database)
	p, err := newProxy(l.server.socket(), nil)
	if err != nil {
		return err
	}
	defer p.close()
	if err := c.pleat.must(ctx, p.url(database), c.args...); err != nil {
		return fmt.Errorf("the undisturbed run: %w", err)
	}
	c.requests = p.seen()
	url := l.server.url(database)
	if c.want, err = state(ctx, url); err != nil {
		return err
	}
	if c.applied, err = c.files(ctx, url); err != nil {
		return err
	}
	for _, command := range []string{"verify", "drift"} {
		if err := c.pleat.must(ctx, url, command); err != nil {
			return fmt.Errorf("after the undisturbed run: %w", err)
		}
	}
	return nil
}

// files wants all migrations to be applied, and counts them.
func (c *prepared) files(ctx context.Context, url string) (int, error) {
	paths, err := filepath.Glob(filepath.Join(c.pleat.dir, "migrations", "*.sql"))
	if err != nil {
		return 0, fmt.Errorf("list migrations: %w", err)
	}
	rows, err := rowsOf(ctx, url, fmt.Sprintf(twice, len(paths)))
	if err == nil && len(rows) > 0 {
		err = fmt.Errorf("the undisturbed run: %s", rows[0])
	}
	return len(paths), err
}

// copy makes a database like another, on the small disk if asked for.
func (l *lab) copy(ctx context.Context, template string, small bool) (string, error) {
	name := fmt.Sprintf("trial_%d", l.made.Add(1))
	sql := `CREATE DATABASE ` + name + ` TEMPLATE "` + template + `"`
	if small {
		sql += " TABLESPACE small"
	}
	if err := execute(ctx, l.server.url("postgres"), sql); err != nil {
		return "", fmt.Errorf("copy database: %w", err)
	}
	return name, nil
}

func (l *lab) drop(ctx context.Context, database string) {
	_ = execute(context.WithoutCancel(ctx), l.server.url("postgres"), "DROP DATABASE IF EXISTS "+database+" WITH (FORCE)")
}
