package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// event is one line of go test -json (go doc test2json).
type event struct {
	Action, Package, Test, Output string
	// ImportPath takes the place of Package in the events of a build.
	ImportPath string
	Elapsed    float64
}

// test is what is known of one test.
type test struct {
	result string // pass, fail or skip; empty while it runs
	output []string
}

// suite is what is known of one package.
type suite struct {
	tests  map[string]*test
	output []string
}

// report collects the events and prints what is worth reading as soon as a package ends.
type report struct {
	out    io.Writer
	suites map[string]*suite
	total  numbers
	skips  []string
	bare   int
}

func newReport(out io.Writer) *report {
	return &report{out: out, suites: map[string]*suite{}}
}

func (r *report) suite(name string) *suite {
	if r.suites[name] == nil {
		r.suites[name] = &suite{tests: map[string]*test{}}
	}
	return r.suites[name]
}

func (s *suite) test(name string) *test {
	if s.tests[name] == nil {
		s.tests[name] = &test{}
	}
	return s.tests[name]
}

// read takes in all events. A line that is none is printed as it is: it comes from a program beside the tests.
func (r *report) read(in io.Reader) error {
	lines := bufio.NewReader(in)
	for {
		line, err := lines.ReadBytes('\n')
		if len(line) > 0 {
			var e event
			if json.Unmarshal(line, &e) != nil {
				fmt.Fprint(r.out, string(line))
			} else {
				r.take(e)
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read events: %w", err)
		}
	}
}

func (r *report) take(e event) {
	s := r.suite(e.Package + e.ImportPath)
	switch {
	case e.Action == "build-output":
		fmt.Fprint(r.out, e.Output)
	case e.Action == "output" && e.Test != "":
		t := s.test(e.Test)
		t.output = append(t.output, e.Output)
	case e.Action == "output":
		s.output = append(s.output, e.Output)
	case e.Action == "run":
		s.test(e.Test)
	case e.Action != "pass" && e.Action != "fail" && e.Action != "skip":
	case e.Test != "":
		s.test(e.Test).result = e.Action
	default:
		r.end(e, s)
	}
}

// vetted counts go vet as a test.
func (r *report) vetted(ok bool) {
	if ok {
		r.total.passed++
		fmt.Fprintln(r.out, "ok    go vet")
		return
	}
	r.total.failed++
	fmt.Fprintln(r.out, "FAIL  go vet")
}

// end closes a package: its numbers, and the output of what failed.
func (r *report) end(e event, s *suite) {
	var n numbers
	for _, name := range slices.Sorted(maps.Keys(s.tests)) {
		t := s.tests[name]
		if !s.counts(name) {
			continue
		}
		switch t.result {
		case "pass":
			n.passed++
		case "skip":
			n.skipped++
			r.skips = append(r.skips, fmt.Sprintf("%s.%s: %s", short(e.Package), name, reason(t.output)))
		default:
			n.failed++
			s.show(r.out, name)
		}
	}
	if e.Action == "fail" && n.failed == 0 {
		n.failed++
		fmt.Fprint(r.out, strings.Join(s.output, ""))
	}
	delete(r.suites, e.Package)
	r.total = r.total.plus(n)
	if e.Action == "skip" || n == (numbers{}) {
		r.bare++
		return
	}
	word := "ok  "
	if e.Action == "fail" {
		word = "FAIL"
	}
	fmt.Fprintf(r.out, "%s  %-32s %s (%.1f s)\n", word, short(e.Package), n, e.Elapsed)
}

// counts reports whether a test is a leaf, or fails where none of its subtests does.
func (s *suite) counts(name string) bool {
	leaf, blamed := true, false
	for other, t := range s.tests {
		if strings.HasPrefix(other, name+"/") {
			leaf = false
			blamed = blamed || failed(t)
		}
	}
	return leaf || failed(s.tests[name]) && !blamed
}

// failed is true of a test that never ended, too.
func failed(t *test) bool { return t.result != "pass" && t.result != "skip" }

// show prints what a failed test and its parents said.
func (s *suite) show(out io.Writer, name string) {
	for i, c := range name + "/" {
		if c != '/' {
			continue
		}
		if t := s.tests[name[:i]]; t != nil {
			fmt.Fprint(out, strings.Join(t.output, ""))
			t.output = nil
		}
	}
	if s.tests[name].result == "" {
		fmt.Fprint(out, strings.Join(s.output, ""))
		s.output = nil
	}
}

// finish prints the skips with their reasons; packages whose end was never reported count as failed.
func (r *report) finish() numbers {
	for name, s := range r.suites {
		if len(s.tests) > 0 {
			fmt.Fprintf(r.out, "FAIL  %s ended without a result\n", short(name))
			r.total.failed++
		}
	}
	if r.bare > 0 {
		fmt.Fprintf(r.out, "      %d without tests of their own\n", r.bare)
	}
	for _, line := range r.skips {
		fmt.Fprintln(r.out, "skip  "+line)
	}
	return r.total
}

// reason is what the test said last before it was skipped, without the place in the source.
func reason(output []string) string {
	why := ""
	for _, line := range output {
		text := strings.TrimSpace(line)
		if text == "" || strings.HasPrefix(text, "=== ") || strings.HasPrefix(text, "--- ") {
			continue
		}
		if file, rest, ok := strings.Cut(text, ": "); ok && strings.Contains(file, ".go:") {
			text = rest
		}
		why = text
	}
	if why == "" {
		return "no reason given"
	}
	return why
}

// short is a package's path inside the module; a dot for the module itself.
func short(name string) string {
	const module = "github.com/pleatdb/pleat"
	if name == module {
		return "."
	}
	return strings.TrimPrefix(name, module+"/")
}
