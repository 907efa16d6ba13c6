package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"regexp"
	"slices"
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
	dir, pleat, set, json string
	pattern               *regexp.Regexp
	workers, major        int
	limit                 time.Duration
	verbose, times, owner bool
}

// run is the whole program; its result is the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	o, err := readOptions(args, stderr)
	if err != nil {
		// The flag package has said why.
		return 1
	}
	cases, err := findCases(o)
	switch {
	case os.IsNotExist(err):
		fmt.Fprintf(stdout, "skipped: no corpora at %s\n", o.dir)
		return 0
	case err == nil && len(cases) == 0:
		err = fmt.Errorf("choose cases: none is named so")
	}
	if err != nil {
		fmt.Fprintln(stderr, err)
		return 1
	}
	report, err := runAll(ctx, o, cases, stderr)
	if err != nil {
		fmt.Fprintln(stderr, err)
	}
	if report == nil {
		return 1
	}
	report.print(stdout, o)
	if o.json != "" {
		if err := report.save(o.json); err != nil {
			fmt.Fprintln(stderr, err)
			return 1
		}
	}
	if err != nil {
		return 1
	}
	return report.exitCode()
}

func readOptions(args []string, stderr io.Writer) (options, error) {
	var o options
	var pattern string
	flags := flag.NewFlagSet("corpora", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&o.dir, "dir", "", "directory of the corpora (default ../shared/corpora beside the module)")
	flags.StringVar(&o.pleat, "pleat", "", "the built pleat (default bin/pleat in the module)")
	flags.StringVar(&o.set, "set", "", "run one set only: schemas, upgrades or pairs")
	flags.StringVar(&pattern, "run", "", "run the cases whose name (set/case) matches the regular expression")
	flags.IntVar(&o.workers, "j", 2, "cases run at once, each on a server of its own")
	flags.IntVar(&o.major, "major", 15, "major version of PostgreSQL")
	flags.DurationVar(&o.limit, "limit", 2*time.Minute, "time allowed to each command of pleat")
	flags.BoolVar(&o.verbose, "v", false, "keep the work directory and print the differences of dumps in full")
	flags.BoolVar(&o.times, "times", false, "print how long pleat's commands took")
	flags.BoolVar(&o.owner, "owners", false, "compare the owners of objects too")
	flags.StringVar(&o.json, "json", "", "write all outcomes as JSON to this file")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	if o.set != "" && !slices.Contains(sets, o.set) {
		err := fmt.Errorf("read flags: there is no set %q", o.set)
		fmt.Fprintln(stderr, err)
		return o, err
	}
	var err error
	if o.pattern, err = regexp.Compile(pattern); err != nil {
		fmt.Fprintf(stderr, "read -run: %v\n", err)
		return o, err
	}
	o.workers = max(o.workers, 1)
	if err := checkout.Locate(checkout.Path{Given: &o.dir, Default: "../shared/corpora"}, checkout.Path{Given: &o.pleat, Default: "bin/pleat"}); err != nil {
		fmt.Fprintln(stderr, err)
		return o, err
	}
	return o, nil
}
