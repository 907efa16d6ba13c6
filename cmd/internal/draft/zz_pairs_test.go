package draft

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/pleatdb/pleat/inspect"
	"github.com/pleatdb/pleat/inspect/pgtest"
	"github.com/pleatdb/pleat/inspect/shadow"
	"github.com/pleatdb/pleat/planner"
	"github.com/pleatdb/pleat/schema"
	"github.com/pleatdb/pleat/schema/hclfile"
	"github.com/pleatdb/pleat/schema/hclfile/eval"
	"github.com/pleatdb/pleat/schema/sqltext"
)

func zzInspect(t *testing.T, url string) (*schema.Catalog, *pgx.Conn) {
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	c, err := inspect.Inspect(ctx, conn, inspect.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return c, conn
}

func zzLines(dump string) string {
	l := strings.Split(dump, "\n")
	for i := range l {
		l[i] = strings.TrimRight(l[i], ",;")
	}
	sort.Strings(l)
	return strings.Join(l, "\n")
}

func TestZZPairs(t *testing.T) {
	dirs, _ := filepath.Glob(filepath.Join(pgtest.Corpora(t, "pairs"), "*", os.Getenv("ZZ")))
	sh := shadow.On(pgtest.Server(t))
	counts := map[string]int{}
	for _, dir := range dirs {
		for _, way := range [][2]string{{"old", "new"}, {"new", "old"}} {
			name := filepath.Base(filepath.Dir(dir)) + "/" + filepath.Base(dir) + "/" + way[0]
			t.Run(name, func(t *testing.T) {
				verdict := zzPair(t, sh, dir, way)
				counts[strings.SplitN(verdict, ":", 2)[0]]++
				if verdict != "pass" {
					fmt.Printf("ZZ %s %s\n", name, strings.ReplaceAll(verdict, "\n", "\n     "))
				}
			})
		}
	}
	fmt.Println("ZZ", counts)
}

func zzPair(t *testing.T, sh *shadow.Shadow, dir string, way [2]string) string {
	ctx := context.Background()
	urls := [2]string{pgtest.URL(t), pgtest.URL(t)}
	for i, w := range way {
		for _, f := range []string{"setup.sql", w + ".sql"} {
			if text, err := os.ReadFile(filepath.Join(dir, f)); err == nil {
				conn, _ := pgx.Connect(ctx, urls[i])
				if _, err := conn.PgConn().Exec(ctx, string(text)).ReadAll(); err != nil && f == "setup.sql" {
					sts, _ := sqltext.Split(string(text))
					for _, st := range sts {
						conn.PgConn().Exec(ctx, st.SQL).ReadAll()
					}
				} else if err != nil {
					conn.Close(ctx)
					return "load: " + err.Error()
				}
				conn.Close(ctx)
			}
		}
	}
	live, conn := zzInspect(t, urls[0])
	defer conn.Close(ctx)
	want, conn2 := zzInspect(t, urls[1])
	conn2.Close(ctx)
	files, err := hclfile.Write(want, hclfile.WriteOptions{})
	if err != nil {
		return "write: " + err.Error()
	}
	out := t.TempDir()
	for n, b := range files {
		os.MkdirAll(filepath.Dir(filepath.Join(out, n)), 0o755)
		os.WriteFile(filepath.Join(out, n), b, 0o644)
	}
	if len(files) == 0 {
		os.WriteFile(filepath.Join(out, "x.hcl"), nil, 0o644)
	}
	desired, diags := hclfile.Load([]string{out}, eval.Options{})
	if diags.HasErrors() {
		return "hcl: " + diags.Error()
	}
	r := Request{Live: live, Desired: desired, Shadow: sh, Name: "x", Version: "20260101000000", Major: 15, Renames: "drop"}
	d, err := New(ctx, r)
	if err != nil {
		var u *planner.Unsupported
		if errors.As(err, &u) {
			return "refused: " + err.Error()
		}
		var oe *shadow.ObjectError
		if errors.As(err, &oe) {
			return "plan: " + err.Error() + "\n" + oe.SQL
		}
		return "plan: " + err.Error()
	}
	for _, s := range d.Plan.Steps {
		for _, st := range s.Up {
			if _, err := conn.Exec(ctx, st.SQL); err != nil {
				return "apply: " + err.Error() + "\n" + st.SQL
			}
		}
	}
	after, conn3 := zzInspect(t, urls[0])
	conn3.Close(ctx)
	r.Live = after
	d2, err := New(ctx, r)
	if err != nil {
		return "again: " + err.Error()
	}
	if !d2.Plan.Empty() {
		return "again: not empty " + d2.Plan.Steps[0].Up[0].SQL
	}
	a, b := zzLines(pgtest.Dump(t, urls[0], "--no-owner", "-x")), zzLines(pgtest.Dump(t, urls[1], "--no-owner", "-x"))
	if a != b {
		un := ""
		for _, c := range []*schema.Catalog{live, want} {
			for _, id := range c.IDs() {
				if id.Kind == schema.KindUnmanaged || id.Kind == schema.KindRule {
					un += id.String() + "; "
				}
			}
		}
		if un != "" {
			return "unmanaged: " + un
		}
		return "wrong: " + zzDiff(a, b)
	}
	return "pass"
}

func zzDiff(a, b string) string {
	as, bs := map[string]int{}, map[string]int{}
	for _, l := range strings.Split(a, "\n") {
		as[l]++
	}
	for _, l := range strings.Split(b, "\n") {
		bs[l]++
	}
	out := ""
	for l, n := range as {
		if bs[l] != n && !strings.HasPrefix(l, "--") {
			out += "\n  got " + l
		}
	}
	for l, n := range bs {
		if as[l] != n && !strings.HasPrefix(l, "--") {
			out += "\n  want " + l
		}
	}
	return out
}
