package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/pleatdb/pleat/cmd/internal/checkout"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// options are what the flags say.
type options struct {
	dir, program, json string
	pattern            *regexp.Regexp
	majors             []int
	form               form
	budget             time.Duration
	keep               bool
}

// form is how much of a journey is made, and under which load.
type form struct {
	rows    int
	clients int           // of each code
	hold    time.Duration // how long the phases without a command of pleat last
	pace    time.Duration // a client's mean pause
	limit   time.Duration // for one command of pleat
	// there ends the journey after the contract; whole adds what is not about load: a plan while the contract is
	// pending, and the comparison with a fresh database.
	there, whole bool
}

// run is the whole program; its result is the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	o, err := readOptions(args, stderr)
	if err != nil {
		// The flag package has said why.
		return 1
	}
	scenarios, err := loadScenarios(o.dir, o.pattern)
	if err != nil {
		fmt.Fprintln(stderr, err)
		return 1
	}
	var all []*outcome
	for _, major := range o.majors {
		outcomes, err := runMajor(ctx, o, major, scenarios, stderr)
		all = append(all, outcomes...)
		if err != nil {
			fmt.Fprintln(stderr, err)
			return 1
		}
	}
	report(stdout, all, o.budget)
	if o.json != "" {
		if err := saveLines(o.json, all); err != nil {
			fmt.Fprintln(stderr, err)
			return 1
		}
	}
	for _, out := range all {
		if !out.passed() {
			return 1
		}
	}
	return 0
}

// runMajor takes every scenario that is for a version through its journey. The error says that none could go on.
func runMajor(ctx context.Context, o options, major int, scenarios []*scenario, progress io.Writer) ([]*outcome, error) {
	l, err := startLab(ctx, major, o.program)
	if err != nil {
		return nil, err
	}
	defer l.close()
	var all []*outcome
	for _, s := range scenarios {
		if !s.runsOn(l.server.Major()) {
			continue
		}
		dir, err := os.MkdirTemp("", "pleat-load-")
		if err != nil {
			return all, fmt.Errorf("make work directory: %w", err)
		}
		out := l.travel(ctx, s, o.form, dir)
		all = append(all, out)
		fmt.Fprintln(progress, out.line())
		if o.keep || !out.passed() {
			fmt.Fprintf(progress, "    files: %s\n", dir)
		} else {
			os.RemoveAll(dir)
		}
		if ctx.Err() != nil {
			return all, ctx.Err()
		}
	}
	return all, nil
}

func readOptions(args []string, stderr io.Writer) (options, error) {
	var o options
	var pattern, majors string
	var matrix bool
	flags := flag.NewFlagSet("load", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&o.dir, "dir", "", "directory of the scenarios (default cmd/load/testdata in the module)")
	flags.StringVar(&o.program, "pleat", "", "the built pleat (default bin/pleat in the module)")
	flags.StringVar(&pattern, "run", "", "run the scenarios whose name matches the regular expression")
	flags.StringVar(&majors, "majors", "0", "major versions of PostgreSQL, with commas; 0 is the newest installed one")
	flags.BoolVar(&matrix, "matrix", false, "no load and few rows: every statement once, and whether each recipe goes there and back")
	flags.IntVar(&o.form.rows, "rows", 1_000_000, "rows of the largest table of a scenario")
	flags.IntVar(&o.form.clients, "clients", 4, "clients of the old and of the new code, each")
	flags.DurationVar(&o.form.hold, "hold", 5*time.Second, "how long the phases between commands of pleat last")
	flags.DurationVar(&o.form.pace, "pace", 4*time.Millisecond, "mean pause of a client between statements")
	flags.DurationVar(&o.form.limit, "limit", 15*time.Minute, "time allowed to each command of pleat")
	flags.BoolVar(&o.form.there, "there", false, "end after the contract, without the ways back")
	flags.DurationVar(&o.budget, "budget", 1500*time.Millisecond, "longest wait for a lock that is not marked: apply's longest attempt by default, half a second over deadlock_timeout")
	flags.StringVar(&o.json, "json", "", "write the outcomes to this file, one JSON object a line")
	flags.BoolVar(&o.keep, "keep", false, "keep the work directories of scenarios that passed too")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	o.form.whole = true
	if matrix {
		o.form.clients, o.form.hold, o.form.rows = 0, 0, min(o.form.rows, 500)
	}
	err := checkout.Locate(checkout.Path{Given: &o.dir, Default: "cmd/load/testdata"}, checkout.Path{Given: &o.program, Default: "bin/pleat"})
	if err == nil {
		o.pattern, err = regexp.Compile(pattern)
	}
	for word := range strings.SplitSeq(majors, ",") {
		major, bad := strconv.Atoi(word)
		if bad != nil && err == nil {
			err = fmt.Errorf("read -majors: %w", bad)
		}
		o.majors = append(o.majors, major)
	}
	if err != nil {
		fmt.Fprintln(stderr, err)
	}
	return o, err
}
