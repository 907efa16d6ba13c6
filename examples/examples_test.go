// Package examples_test runs the examples as a reader would, so that they cannot rot.
package examples_test

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pleatdb/pleat/inspect/pgtest"
)

// limit bounds one run of the demonstration.
const limit = 5 * time.Minute

// built is the path of pleat, built once for all tests.
var built = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "pleat-examples-")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "pleat")
	out, err := exec.Command("go", "build", "-o", path, "../cmd/pleat").CombinedOutput()
	if err != nil {
		return "", &exec.Error{Name: "go build: " + string(out), Err: err}
	}
	return path, nil
})

func TestMain(m *testing.M) {
	m.Run()
	if path, err := built(); err == nil {
		os.RemoveAll(filepath.Dir(path))
	}
}

func pleat(t *testing.T) string {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("the demonstration is a shell script")
	}
	path, err := built()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// TestDemonstration runs the whole script and looks for its milestones and for what it leaves behind.
func TestDemonstration(t *testing.T) {
	program := pleat(t)
	pgtest.Server(t) // skips where there is no PostgreSQL
	temporary := t.TempDir()
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, "bash", "shop/demo.sh")
	cmd.Env = append(os.Environ(), "PLEAT="+program, "TMPDIR="+temporary)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v:\n%s", err, out)
	}
	for _, milestone := range []string{
		`Applied 1 migration`, `No changes\.`, `\+ index shop\.products\.products_price_idx`, `exit code 2`, `Rolled back 1 migration`, `Ada \| paid`, `baseline`,
		`held: \S+_country\.contract\.sql`, `Max \| DE`, `used by a write`, `trash: column shop\.customers\._drop_`, `Max \| 80331`,
	} {
		if !regexp.MustCompile(milestone).Match(out) {
			t.Errorf("the demonstration does not print %q:\n%s", milestone, out)
		}
	}
	left, err := os.ReadDir(temporary)
	if err != nil || len(left) > 0 {
		t.Errorf("the demonstration leaves %v behind, %v", left, err)
	}
}

// TestJSONIsDocumented runs commands on the shop and looks in docs/json.md for every key that they print.
func TestJSONIsDocumented(t *testing.T) {
	program := pleat(t)
	url := pgtest.URL(t)
	page, err := os.ReadFile("../docs/json.md")
	if err != nil {
		t.Fatal(err)
	}
	project := t.TempDir()
	if err := os.CopyFS(filepath.Join(project, "schema"), os.DirFS("shop/schema")); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		args string
		code int
	}{
		{"plan --name create_shop", 0},
		{"apply --auto-approve", 0},
		{"status", 0},
		{"history --verbose", 0},
		{"verify", 0},
		{"drift", 0},
		{"inspect", 0},
		{"validate", 0},
		{"lock status", 0},
		{"version", 0},
		{"plan --schema nowhere", 1},
		{"rollback --auto-approve --accept-data-loss", 0},
	} {
		cmd := exec.Command(program, append(strings.Fields(step.args), "--json")...)
		cmd.Dir = project
		cmd.Env = append(os.Environ(), "PLEAT_URL="+url)
		var stderr strings.Builder
		cmd.Stderr = &stderr
		out, _ := cmd.Output()
		if code := cmd.ProcessState.ExitCode(); code != step.code {
			t.Fatalf("pleat %s: exit code %d, want %d:\n%s%s", step.args, code, step.code, out, stderr.String())
		}
		var object map[string]any
		if err := json.Unmarshal(out, &object); err != nil {
			t.Fatalf("pleat %s: %v:\n%s", step.args, err, out)
		}
		for key := range keys(object) {
			if !strings.Contains(string(page), "| `"+key+"` |") {
				t.Errorf("pleat %s prints the key %q, which docs/json.md does not name", step.args, key)
			}
		}
	}
}

// keys are the names of all keys of an object, at all depths, except below those whose keys are data.
func keys(value any) map[string]bool {
	found := map[string]bool{}
	var visit func(value any)
	visit = func(value any) {
		switch v := value.(type) {
		case map[string]any:
			for key, inner := range v {
				found[key] = true
				if key != "counts" && key != "detail" && key != "catalog" && key != "before" && key != "after" {
					visit(inner)
				}
			}
		case []any:
			for _, inner := range v {
				visit(inner)
			}
		}
	}
	visit(value)
	return found
}
