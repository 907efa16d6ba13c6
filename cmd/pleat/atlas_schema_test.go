package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/pleatdb/pleat/inspect/pgtest"
)

var extensionBlock = regexp.MustCompile(`(?m)^extension "(.*)"`)

// TestAtlasSchemasAreDatabases takes schema files as users of Atlas have them all the way: what they say is what is there afterwards.
func TestAtlasSchemasAreDatabases(t *testing.T) {
	files, err := filepath.Glob("../../schema/hclfile/testdata/atlas/*.hcl")
	if err != nil || len(files) < 5 {
		t.Fatalf("%v, %v", files, err)
	}
	for _, file := range files {
		if filepath.Base(file) == "schema.hcl" {
			continue // a collection of words, which no server takes as a whole
		}
		t.Run(strings.TrimSuffix(filepath.Base(file), ".hcl"), func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			url := pgtest.URL(t)
			for _, m := range extensionBlock.FindAllStringSubmatch(string(text), -1) {
				rows, err := query(url, "SELECT 1 FROM pg_available_extensions WHERE name = '"+m[1]+"'")
				if err != nil {
					t.Fatal(err)
				}
				if len(rows) == 0 {
					t.Skipf("the server does not have the extension %s", m[1])
				}
			}
			dir := t.TempDir()
			if err := os.CopyFS(filepath.Join(dir, "schema"), os.DirFS(filepath.Dir(file))); err != nil {
				t.Fatal(err)
			}
			for _, args := range [][]string{
				{"plan", "--name", "first", "--contract", "immediate", "--shadow", pgtest.Server(t).URL("")},
				{"apply"},
				{"plan", "--detailed-exitcode", "--shadow", pgtest.Server(t).URL("")},
			} {
				cmd := exec.Command("pleat", append(args, "--url", url, "--migrations", "migrations")...)
				if args[0] == "plan" {
					cmd.Args = append(cmd.Args, "--schema", filepath.Join("schema", filepath.Base(file)))
				}
				cmd.Dir = dir
				if out, err := cmd.CombinedOutput(); err != nil {
					t.Fatalf("%s: %v\n%s", args, err, out)
				}
			}
		})
	}
}
