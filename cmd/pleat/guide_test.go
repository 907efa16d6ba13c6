package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestGuide runs the examples of docs/MIGRATIONS.md, in their order and with the program as it is, on a real database.
func TestGuide(t *testing.T) {
	text, err := os.ReadFile("../../docs/MIGRATIONS.md")
	if err != nil {
		t.Fatal(err)
	}
	script, examples := guideScript(t, string(text))
	if examples < 5 {
		t.Fatalf("the guide has %d examples: its blocks are not found any more", examples)
	}
	url := countedDatabase(t, countingServer(t), "counted")
	file := filepath.Join(t.TempDir(), "guide.txtar")
	if err := os.WriteFile(file, []byte(script), 0o644); err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Files: []string{file},
		Setup: func(env *testscript.Env) error {
			env.Setenv("DB", url)
			env.Setenv("PLEAT_URL", url)
			env.Setenv("XDG_CACHE_HOME", cacheDir())
			env.Setenv("LC_ALL", "C")
			return nil
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){"sql": sqlCmd},
	})
}

// guideScript turns the fenced blocks of a page into a script. A block whose first line names a file, "sql migrations/x.sql", is that file
// from there on. In a block "console", each line that begins with $ is a command, and the lines below it are in its output, with … for
// whatever differs from day to day. A command that ends in "# exit 2" is expected to fail.
func guideScript(t *testing.T, page string) (script string, examples int) {
	t.Helper()
	var steps, files strings.Builder
	steps.WriteString("mkdir migrations\n")
	language, name, body := "", "", []string(nil)
	for line := range strings.Lines(page) {
		line = strings.TrimSuffix(line, "\n")
		fence, opens := strings.CutPrefix(line, "```")
		switch {
		case opens && language == "" && fence != "":
			language, name, _ = strings.Cut(fence, " ")
			body = nil
		case opens:
			examples++
			switch {
			case language == "console":
				steps.WriteString(commands(t, body))
			case name != "":
				stored := fmt.Sprintf("block%d", examples)
				fmt.Fprintf(&steps, "cp %s %s\n", stored, name)
				fmt.Fprintf(&files, "-- %s --\n%s\n", stored, strings.Join(body, "\n"))
			}
			language = ""
		case language != "":
			body = append(body, line)
		}
	}
	return steps.String() + files.String(), examples
}

// commands turns a console block into lines of a script.
func commands(t *testing.T, block []string) string {
	t.Helper()
	var b strings.Builder
	for _, line := range block {
		command, is := strings.CutPrefix(line, "$ ")
		if !is {
			pattern := strings.Join(strings.Fields(regexp.QuoteMeta(line)), " +") // columns are as wide as what is in them
			fmt.Fprintf(&b, "stdout %s\n", quoted(strings.ReplaceAll(pattern, "…", ".*")))
			continue
		}
		command, code, fails := strings.Cut(command, "  # exit ")
		if fails {
			fmt.Fprintf(&b, "# exit %s\n! ", code)
		}
		if statement, is := strings.CutPrefix(command, `psql -Atc "`); is {
			fmt.Fprintf(&b, "sql %s\n", quoted(strings.TrimSuffix(statement, `"`)))
			continue
		}
		if !strings.HasPrefix(command, "pleat ") {
			t.Fatalf("the guide runs something else than pleat and psql: %s", command)
		}
		fmt.Fprintf(&b, "exec %s\n", strings.ReplaceAll(command, `"`, "'"))
	}
	return b.String()
}

func quoted(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }
