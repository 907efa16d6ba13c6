package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/pleatdb/pleat/inspect/pgtest"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"pleat": func() { os.Exit(start()) }})
}

// TestScripts runs the journeys of a user. Each has an empty database of its own, $DB, and a server for shadows, $SHADOW.
func TestScripts(t *testing.T) {
	files, err := filepath.Glob("testdata/script/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			url, shadow := pgtest.URL(t), pgtest.Server(t).URL("")
			testscript.Run(t, testscript.Params{
				Files: []string{file},
				Setup: func(env *testscript.Env) error {
					env.Setenv("DB", url)
					env.Setenv("SHADOW", shadow)
					// The server asks for no password, so that any is accepted.
					env.Setenv("CANARY_URL", strings.Replace(url, "postgres@", "postgres:canary%2Fs3cret%22x@", 1))
					env.Setenv("PLEAT_URL", url)
					env.Setenv("XDG_CACHE_HOME", cacheDir())
					env.Setenv("LC_ALL", "C")
					return nil
				},
				Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
					"sql": sqlCmd, "await": waitCmd, "json": jsonCmd, "newest": newestCmd, "replace": replaceCmd, "keep": keepCmd, "hold": holdCmd,
				},
			})
		})
	}
}

// cacheDir is where servers keep what is expensive to make; scripts have no home.
func cacheDir() string {
	dir, err := os.UserCacheDir()
	if err != nil {
		return os.TempDir()
	}
	return dir
}

// sqlCmd runs a script in the database and prints what its last query gives: sql 'SELECT …', or sql FILE.
func sqlCmd(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: sql TEXT|FILE")
	}
	text := args[0]
	if strings.HasSuffix(text, ".sql") {
		text = ts.ReadFile(text)
	}
	rows, err := query(ts.Getenv("DB"), text)
	switch {
	case err != nil && !neg:
		ts.Fatalf("sql: %v", err)
	case err == nil && neg:
		ts.Fatalf("sql: it went well")
	}
	for _, row := range rows {
		fmt.Fprintln(ts.Stdout(), strings.Join(row, "|"))
	}
}

func query(url, text string) (rows [][]string, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return nil, err
	}
	defer conn.Close(ctx)
	results, err := conn.PgConn().Exec(ctx, text).ReadAll()
	if err != nil || len(results) == 0 {
		return nil, err
	}
	for _, raw := range results[len(results)-1].Rows {
		var row []string
		for _, value := range raw {
			row = append(row, string(value))
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// waitCmd waits until a query gives a row: await 'SELECT …'.
func waitCmd(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: await QUERY")
	}
	for range 600 {
		rows, err := query(ts.Getenv("DB"), args[0])
		if err != nil {
			ts.Fatalf("await: %v", err)
		}
		if len(rows) > 0 {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	ts.Fatalf("await: %s gave no row", args[0])
}

// jsonCmd checks the last standard output, or the file before the path, as JSON: json PATH [VALUE]. A path is keys and
// indexes with dots between, "error.code"; len is the length of a list. Without a value the path must be there; ! means that it must not.
func jsonCmd(ts *testscript.TestScript, neg bool, args []string) {
	file := "stdout"
	if len(args) > 0 && strings.HasSuffix(args[0], ".json") {
		file, args = args[0], args[1:]
	}
	if len(args) == 0 || len(args) > 2 {
		ts.Fatalf("usage: json [FILE] PATH [VALUE]")
	}
	var document any
	decoder := json.NewDecoder(strings.NewReader(ts.ReadFile(file)))
	if err := decoder.Decode(&document); err != nil {
		ts.Fatalf("json: %s is no JSON: %v", file, err)
	}
	if decoder.More() {
		ts.Fatalf("json: %s holds more than one value", file)
	}
	value, ok := lookUp(document, strings.Split(args[0], "."))
	text := fmt.Sprint(value)
	matches := ok && (len(args) == 1 || text == args[1])
	if matches == neg {
		ts.Fatalf("json: %s is %s (present: %t)", args[0], text, ok)
	}
}

func lookUp(value any, path []string) (any, bool) {
	for _, key := range path {
		switch v := value.(type) {
		case map[string]any:
			next, ok := v[key]
			if !ok {
				return nil, false
			}
			value = next
		case []any:
			var i int
			if key == "len" {
				value = len(v)
				continue
			}
			if _, err := fmt.Sscan(key, &i); err != nil || i >= len(v) {
				return nil, false
			}
			value = v[i]
		default:
			return nil, false
		}
	}
	return value, true
}

// newestCmd puts the path of the newest migration file into a variable, and its version into another: newest FILE VERSION.
func newestCmd(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: newest FILE VERSION")
	}
	files, err := filepath.Glob(ts.MkAbs("migrations/*.sql"))
	if err != nil || len(files) == 0 {
		ts.Fatalf("newest: no migration files (%v)", err)
	}
	newest := slices.Max(files)
	version, _, _ := strings.Cut(filepath.Base(newest), "_")
	ts.Setenv(args[0], newest)
	ts.Setenv(args[1], version)
}

// replaceCmd replaces a text that must be in a file: replace FILE OLD NEW.
func replaceCmd(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: replace FILE OLD NEW")
	}
	text := ts.ReadFile(args[0])
	if !strings.Contains(text, args[1]) {
		ts.Fatalf("replace: %s does not hold %q", args[0], args[1])
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(strings.ReplaceAll(text, args[1], args[2])), 0o644))
}
