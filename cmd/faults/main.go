package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/signal"
	"regexp"
	"strconv"
	"strings"
	"syscall"

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
	dir, recipes, program, json string
	pattern                     *regexp.Regexp
	choice                      choice
	most, major, workers        int
	keep, quiet                 bool
}

// run is the whole program; its result is the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	o, err := readOptions(args, stderr)
	if err != nil {
		// The flag package, or what follows it, has said why.
		return 1
	}
	scenarios, err := loadScenarios(o.dir, o.recipes, o.pattern)
	if err != nil {
		fmt.Fprintln(stderr, err)
		return 1
	}
	all, err := o.try(ctx, scenarios, stderr)
	report(stdout, all, o.choice.seed)
	if o.json != "" && len(all) > 0 {
		if err := saveLines(o.json, all); err != nil {
			fmt.Fprintln(stderr, err)
			return 1
		}
	}
	if err != nil {
		fmt.Fprintln(stderr, err)
		return 1
	}
	for _, out := range all {
		if !out.Survived {
			return 1
		}
	}
	return 0
}

func readOptions(args []string, stderr io.Writer) (options, error) {
	var o options
	var pattern, kinds, seed string
	flags := flag.NewFlagSet("faults", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&o.dir, "dir", "", "directory of the cases (default cmd/faults/testdata in the module)")
	flags.StringVar(&o.recipes, "recipes", "", "directory of the recipes that are planned (default cmd/load/testdata in the module)")
	flags.StringVar(&o.program, "pleat", "", "the built pleat (default bin/pleat in the module)")
	flags.StringVar(&pattern, "run", "", "only cases whose name matches the regular expression")
	flags.StringVar(&kinds, "faults", "", "only faults whose name matches the regular expression")
	flags.StringVar(&o.choice.only, "only", "", "one point, as a report names it: 'CASE FAULT SESSION REQUEST'")
	flags.StringVar(&seed, "seed", os.Getenv("FAULTS_SEED"), "number from which all chance follows (default FAULTS_SEED, else a new one)")
	flags.Float64Var(&o.choice.share, "share", 1, "try this share of the points, by chance")
	flags.Float64Var(&o.choice.others, "others", 1, "and of these, this share of the points of faults that are no kill")
	flags.IntVar(&o.most, "most", 0, "try this number of points, spread over cases and faults; 0 for all")
	flags.BoolVar(&o.choice.every, "every", false, "try every fault at every request, pleat's own bookkeeping too")
	flags.IntVar(&o.major, "major", 0, "major version of PostgreSQL; 0 is the newest installed one")
	flags.IntVar(&o.workers, "workers", 2, "how many points are tried at once, each on a server of its own")
	flags.StringVar(&o.json, "json", "", "write the outcomes to this file, one JSON object a line")
	flags.BoolVar(&o.keep, "keep", false, "keep the files of points that survived too")
	flags.BoolVar(&o.quiet, "quiet", false, "do not tell each point, only those that failed")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	if o.choice.only != "" {
		name, _, _ := strings.Cut(o.choice.only, " ")
		pattern = "^" + regexp.QuoteMeta(name) + "$"
	}
	err := checkout.Locate(checkout.Path{Given: &o.dir, Default: "cmd/faults/testdata"}, checkout.Path{Given: &o.recipes, Default: "cmd/load/testdata"}, checkout.Path{Given: &o.program, Default: "bin/pleat"})
	if err == nil {
		o.pattern, err = regexp.Compile(pattern)
	}
	if err == nil {
		o.choice.pattern, err = regexp.Compile(kinds)
	}
	if o.choice.seed = rand.Uint64N(1 << 32); err == nil && seed != "" {
		o.choice.seed, err = strconv.ParseUint(seed, 10, 64)
	}
	if err != nil {
		fmt.Fprintln(stderr, err)
	}
	return o, err
}
