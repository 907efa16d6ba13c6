package draft_test

import (
	"context"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/pleatdb/pleat/inspect"
	"github.com/pleatdb/pleat/inspect/pgtest"
	"github.com/pleatdb/pleat/schema/hclfile"
)

func zzHCL(t *testing.T, sql string) string {
	url := pgtest.URL(t)
	conn, err := pgx.Connect(context.Background(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	if _, err := conn.PgConn().Exec(context.Background(), sql).ReadAll(); err != nil {
		t.Fatalf("%v\n%s", err, sql)
	}
	cat, err := inspect.Inspect(context.Background(), conn, inspect.Options{})
	if err != nil {
		t.Fatal(err)
	}
	files, err := hclfile.Write(cat, hclfile.WriteOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for n := range files {
		names = append(names, n)
	}
	sort.Strings(names)
	out := ""
	for _, n := range names {
		if out != "" {
			out += "\n"
		}
		out += string(files[n])
	}
	return out
}

func TestAuthor(t *testing.T) {
	paths, _ := filepath.Glob("/tmp/author/*.txt")
	for _, p := range paths {
		b, _ := os.ReadFile(p)
		for _, chunk := range strings.Split("\n"+string(b), "\n=== ")[1:] {
			name, rest, _ := strings.Cut(chunk, "\n")
			name = strings.TrimSpace(name)
			t.Run(name, func(t *testing.T) {
				out := "/work/main/planner/testdata/" + name + ".txtar"
				if _, err := os.Stat(out); err == nil && os.Getenv("FORCE") == "" {
					return
				}
				sec := map[string]string{}
				for i, s := range strings.Split("\n"+rest, "\n--- ") {
					if i == 0 {
						sec["prose"] = strings.TrimSpace(s)
						continue
					}
					k, v, _ := strings.Cut(s, "\n")
					sec[strings.TrimSpace(k)] = v + "\n"
				}
				old := zzHCL(t, sec["both"]+sec["old"]+sec["oldend"])
				neu := zzHCL(t, sec["both"]+strings.ReplaceAll(sec["new"], "@old", sec["old"])+sec["newend"])
				if sec["moved"] != "" {
					neu = strings.TrimRight(neu, "\n") + "\n\n" + strings.TrimSpace(sec["moved"]) + "\n"
				}
				text := sec["prose"] + "\n\n-- old.hcl --\n" + old + "-- new.hcl --\n" + neu
				if s := strings.TrimSpace(sec["seed"]); s != "" {
					text += "-- seed.sql --\n" + s + "\n"
				}
				if err := os.WriteFile(out, []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			})
		}
	}
}
