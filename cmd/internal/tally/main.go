package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
)

func main() {
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// run is the whole program; its result is the exit code.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("tally", flag.ContinueOnError)
	flags.SetOutput(stderr)
	vet := flags.Bool("vet", false, "run go vet first, and count it as one test")
	from := flags.String("from", "", "read events from a file, or - for standard input, instead of running go test")
	counts := flags.String("counts", "", "add the numbers to this file")
	sum := flags.String("sum", "", "print the sum of the numbers in a file and do nothing else")
	if err := flags.Parse(args); err != nil {
		return 2
	}
	if *sum != "" {
		return printSum(*sum, stdout, stderr)
	}
	r := newReport(stdout)
	code := 0
	if *vet {
		code = r.vet(stderr)
	}
	more, err := source(r, *from, flags.Args(), stdin, stderr)
	if err != nil {
		fmt.Fprintln(stderr, err)
	}
	code = max(code, more)
	total := r.finish()
	if *counts != "" {
		if err := total.save(*counts); err != nil {
			fmt.Fprintln(stderr, err)
			code = 1
		}
	}
	if total.failed > 0 || err != nil {
		code = max(code, 1)
	}
	fmt.Fprintln(stdout, total)
	return code
}

// source feeds the report from a file, from standard input, or from go test, whose exit code is the result.
func source(r *report, from string, args []string, stdin io.Reader, stderr io.Writer) (int, error) {
	switch from {
	case "":
		return r.test(args, stderr)
	case "-":
		return 0, r.read(stdin)
	}
	f, err := os.Open(from)
	if err != nil {
		return 1, fmt.Errorf("read events: %w", err)
	}
	defer f.Close()
	return 0, r.read(f)
}

// test runs go test.
func (r *report) test(args []string, stderr io.Writer) (int, error) {
	cmd := exec.Command("go", append([]string{"test", "-json"}, args...)...)
	cmd.Stderr = stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return 1, fmt.Errorf("run go test: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return 1, fmt.Errorf("run go test: %w", err)
	}
	read := r.read(out)
	return exitCode(cmd.Wait()), read
}

// vet runs go vet on all packages.
func (r *report) vet(stderr io.Writer) int {
	cmd := exec.Command("go", "vet", "./...")
	cmd.Stdout, cmd.Stderr = stderr, stderr
	code := exitCode(cmd.Run())
	r.vetted(code == 0)
	return code
}

func exitCode(err error) int {
	var exit *exec.ExitError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &exit) && exit.ExitCode() > 0:
		return exit.ExitCode()
	}
	return 1
}
