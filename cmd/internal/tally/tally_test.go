package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// events is what go test -json prints of a package in which a subtest fails, one is skipped and one passes.
const events = `{"Action":"start","Package":"github.com/pleatdb/pleat/a"}
{"Action":"run","Package":"github.com/pleatdb/pleat/a","Test":"TestOne"}
{"Action":"run","Package":"github.com/pleatdb/pleat/a","Test":"TestOne/bad"}
{"Action":"output","Package":"github.com/pleatdb/pleat/a","Test":"TestOne/bad","Output":"    a_test.go:3: went wrong\n"}
{"Action":"fail","Package":"github.com/pleatdb/pleat/a","Test":"TestOne/bad"}
{"Action":"pass","Package":"github.com/pleatdb/pleat/a","Test":"TestOne/good"}
{"Action":"fail","Package":"github.com/pleatdb/pleat/a","Test":"TestOne"}
{"Action":"output","Package":"github.com/pleatdb/pleat/a","Test":"TestTwo","Output":"=== RUN   TestTwo\n"}
{"Action":"output","Package":"github.com/pleatdb/pleat/a","Test":"TestTwo","Output":"    a_test.go:9: no engine: not here\n"}
{"Action":"output","Package":"github.com/pleatdb/pleat/a","Test":"TestTwo","Output":"--- SKIP: TestTwo (0.00s)\n"}
{"Action":"skip","Package":"github.com/pleatdb/pleat/a","Test":"TestTwo"}
{"Action":"fail","Package":"github.com/pleatdb/pleat/a","Elapsed":0.5}
{"Action":"skip","Package":"github.com/pleatdb/pleat/b"}
`

// dead is a package that panics: the test never ends, and the trace belongs to the package.
const dead = `{"Action":"run","Package":"p","Test":"TestDies"}
{"Action":"output","Package":"p","Output":"panic: out of luck\n"}
{"Action":"fail","Package":"p","Elapsed":0.1}
`

// unbuilt is a package that does not compile.
const unbuilt = `{"ImportPath":"p.test","Action":"build-output","Output":"p.go:1: syntax error\n"}
{"ImportPath":"p.test","Action":"build-fail"}
{"Action":"output","Package":"p","Output":"FAIL\tp [build failed]\n"}
{"Action":"fail","Package":"p","FailedBuild":"p.test"}
`

func TestReport(t *testing.T) {
	for _, tc := range []struct{ name, events, want string }{
		{"results", events, `    a_test.go:3: went wrong
FAIL  a                                1 passed, 1 failed, 1 skipped (0.5 s)
      1 without tests of their own
skip  a.TestTwo: no engine: not here
1 passed, 1 failed, 1 skipped
`},
		{"a panic is shown", dead, `panic: out of luck
FAIL  p                                0 passed, 1 failed, 0 skipped (0.1 s)
0 passed, 1 failed, 0 skipped
`},
		{"a package that does not build fails", unbuilt, `p.go:1: syntax error
FAIL	p [build failed]
FAIL  p                                0 passed, 1 failed, 0 skipped (0.0 s)
0 passed, 1 failed, 0 skipped
`},
		{"a torn stream is no success", `{"Action":"run","Package":"p","Test":"TestX"}` + "\nnoise\n", `noise
FAIL  p ended without a result
0 passed, 1 failed, 0 skipped
`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var out strings.Builder
			code := run([]string{"-from", "-"}, strings.NewReader(tc.events), &out, &out)
			if diff := cmp.Diff(tc.want, out.String()); diff != "" || code != 1 {
				t.Errorf("exit code %d, report (-want +got):\n%s", code, diff)
			}
		})
	}
}

func TestSum(t *testing.T) {
	file := filepath.Join(t.TempDir(), "counts")
	for _, n := range []numbers{{1, 0, 2}, {30, 0, 0}} {
		if err := n.save(file); err != nil {
			t.Fatal(err)
		}
	}
	var out strings.Builder
	if code := run([]string{"-sum", file}, nil, &out, os.Stderr); code != 0 || out.String() != "31 passed, 0 failed, 2 skipped\n" {
		t.Errorf("exit code %d, %q", code, out.String())
	}
	out.Reset()
	if code := run([]string{"-sum", file + ".absent"}, nil, &out, &out); code != 1 || out.String() != "0 passed, 1 failed, 0 skipped\n" {
		t.Errorf("nothing that ran is a failure: exit code %d, %q", code, out.String())
	}
}
