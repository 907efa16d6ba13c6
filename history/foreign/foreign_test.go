package foreign_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/pleatdb/pleat/history/foreign"
)

var update = flag.Bool("update", false, "rewrite the file want of each testdata/*.txtar")

// TestRead reads the directories of testdata. In the archives, <CR> stands for a carriage return and <BOM> for a byte order
// mark, which a checkout could lose.
func TestRead(t *testing.T) {
	archives, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(archives) == 0 {
		t.Fatalf("no archives: %v", err)
	}
	for _, path := range archives {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			a, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			want := unpack(t, a, dir)
			d, err := foreign.Read(dir, foreign.Options{})
			got := ""
			if err != nil {
				got = "error " + err.Error() + "\n"
			} else {
				got = dump(d)
			}
			got = strings.ReplaceAll(got, dir+string(filepath.Separator), "")
			got = strings.ReplaceAll(got, dir, "DIR")
			if *update {
				a.Files[len(a.Files)-1].Data = []byte(got)
				if err := os.WriteFile(path, txtar.Format(a), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			checkPlaces(t, d)
		})
	}
}

// unpack writes the files of an archive but the last, want, whose text it returns.
func unpack(t *testing.T, a *txtar.Archive, dir string) (want string) {
	t.Helper()
	for _, f := range a.Files {
		if f.Name == "want" {
			return string(f.Data)
		}
		path := filepath.Join(dir, f.Name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		text := strings.NewReplacer("<CR>", "\r", "<BOM>", "\ufeff").Replace(string(f.Data))
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	t.Fatal("the archive has no file want")
	return ""
}

func dump(d *foreign.Dir) string {
	var b strings.Builder
	fmt.Fprintf(&b, "tool %s\n", d.Tool)
	for _, f := range d.Files {
		fmt.Fprintf(&b, "%s %s %q", f.Path, f.Version, f.Name)
		if f.Kind != foreign.Versioned {
			fmt.Fprintf(&b, " %s", f.Kind)
		}
		b.WriteByte('\n')
		dumpScript(&b, "up", &f.Up, f.Path)
		if f.HasDown {
			dumpScript(&b, "down", &f.Down, f.Path)
		}
	}
	for _, s := range d.Skipped {
		fmt.Fprintf(&b, "skipped %s: %s\n", s.Path, s.Reason)
	}
	return b.String()
}

func dumpScript(b *strings.Builder, direction string, s *foreign.Script, path string) {
	for _, u := range s.Units {
		fmt.Fprintf(b, "  %s", direction)
		if s.Path != path {
			fmt.Fprintf(b, " (%s)", s.Path)
		}
		if u.Step > 0 {
			fmt.Fprintf(b, " step %d", u.Step)
		}
		if u.Batched {
			b.WriteString(" batched")
		}
		if u.Transactional {
			b.WriteString(" in a transaction")
		}
		if u.OneMessage {
			b.WriteString(" in one message")
		}
		b.WriteByte('\n')
		for _, stmt := range u.Statements {
			fmt.Fprintf(b, "    %d:%d %s\n", stmt.Line, stmt.Column, strings.ReplaceAll(stmt.SQL, "\n", "⏎"))
		}
	}
	for _, p := range s.Problems {
		fmt.Fprintf(b, "  problem %d:%d %s; %s\n", p.Line, p.Column, p.Summary, p.Hint)
	}
	for _, a := range s.Allows {
		fmt.Fprintf(b, "  allow %s (%s) at %d, step %d, statement %d\n", a.Code, a.Reason, a.Line, a.Step, a.Statement)
	}
	if len(s.Placeholders) > 0 {
		fmt.Fprintf(b, "  placeholders %v\n", s.Placeholders)
	}
}

// checkPlaces wants every statement at the place that it names.
func checkPlaces(t *testing.T, d *foreign.Dir) {
	t.Helper()
	if d == nil {
		return
	}
	for _, f := range d.Files {
		for _, s := range []foreign.Script{f.Up, f.Down} {
			if len(s.Placeholders) > 0 {
				continue
			}
			lines := strings.Split(s.Text, "\n")
			for _, stmt := range s.Statements() {
				first, _, _ := strings.Cut(stmt.SQL, "\n")
				if stmt.Line > len(lines) || !strings.HasPrefix(string([]rune(lines[stmt.Line-1])[stmt.Column-1:]), first) {
					t.Errorf("%s:%d:%d does not begin with %q", s.Path, stmt.Line, stmt.Column, first)
				}
			}
		}
	}
}

// TestReal reads directories that the tools themselves wrote, where they are beside the repository.
func TestReal(t *testing.T) {
	root := filepath.Join("..", "..", "..", "shared", "legacy")
	if _, err := os.Stat(root); err != nil {
		t.Skip("the directories of other tools are not here")
	}
	for _, tc := range []struct {
		dir   string
		tool  foreign.Tool
		files int
		downs int
	}{
		{"atlas", foreign.Atlas, 3, 0}, {"dbmate", foreign.Dbmate, 3, 3}, {"drizzle/drizzle", foreign.Drizzle, 3, 0},
		{"flyway", foreign.Flyway, 5, 0}, {"flyway-4.2.0", foreign.Flyway, 3, 0}, {"fixtures/flyway-undo", foreign.Flyway, 3, 1},
		{"golang-migrate", foreign.GolangMigrate, 3, 3}, {"goose", foreign.Goose, 3, 3}, {"prisma/prisma/migrations", foreign.Prisma, 3, 0},
		{"sqitch", foreign.Sqitch, 3, 3}, {"sql-migrate", foreign.SQLMigrate, 3, 3}, {"tern", foreign.Tern, 3, 3},
		{"fixtures/sqlx/migrations", foreign.GolangMigrate, 3, 3}, {"fixtures/diesel/migrations", foreign.Diesel, 4, 3},
		{"pgmigrate/migrations", foreign.Flyway, 3, 0},
	} {
		t.Run(tc.dir, func(t *testing.T) {
			d, err := foreign.Read(filepath.Join(root, tc.dir), foreign.Options{})
			if err != nil {
				t.Fatal(err)
			}
			downs := 0
			for _, f := range d.Files {
				if f.HasDown {
					downs++
				}
				if len(f.Up.Problems)+len(f.Down.Problems) > 0 || len(f.Up.Units) == 0 && !strings.Contains(f.Path, "initial_setup") {
					t.Errorf("%s: problems %v, %d units", f.Path, append(f.Up.Problems, f.Down.Problems...), len(f.Up.Units))
				}
			}
			if d.Tool != tc.tool || len(d.Files) != tc.files || downs != tc.downs || len(d.Skipped) > 0 {
				t.Errorf("got %s, %d files, %d ways back, skipped %v; want %s, %d, %d", d.Tool, len(d.Files), downs, d.Skipped, tc.tool, tc.files, tc.downs)
			}
			checkPlaces(t, d)
		})
	}
}

func TestNoMigrations(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "001_a.rb", "class A")
	write(t, dir, "002_b.rb", "class B")
	_, err := foreign.Read(dir, foreign.Options{})
	var unknown *foreign.UnknownError
	if !errors.As(err, &unknown) || !slices.Equal(unknown.Others, []string{".rb"}) {
		t.Errorf("got %v", err)
	}
	write(t, dir, "db/one/a.sql", "SELECT 1;")
	if _, err = foreign.Detect(dir); !errors.As(err, &unknown) || !slices.Equal(unknown.Below, []string{filepath.Join(dir, "db", "one")}) {
		t.Errorf("got %v", err)
	}
	if _, err = foreign.Read(filepath.Join(dir, "gone"), foreign.Options{}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}

func write(t *testing.T, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestReadFiles reads one file by the conventions of its directory, with its way back, and nothing beside it.
func TestReadFiles(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "sqitch/sqitch.plan", "%project=x\na 2026-01-01T00:00:00Z A <a@b>\nsub/b 2026-01-01T00:00:00Z A <a@b>\n")
	write(t, dir, "sqitch/deploy/a.sql", "BEGIN; SELECT 1; COMMIT;")
	write(t, dir, "sqitch/deploy/sub/b.sql", "BEGIN; SELECT 2; COMMIT;")
	write(t, dir, "sqitch/revert/sub/b.sql", "BEGIN; SELECT 3; COMMIT;")
	write(t, dir, "prisma/1_a/migration.sql", "SELECT 1;")
	write(t, dir, "prisma/2_b/migration.sql", "SELECT 2;")
	write(t, dir, "go/1_a.up.sql", "SELECT 1;")
	write(t, dir, "go/1_a.down.sql", "SELECT 2;")
	write(t, dir, "fly/V1__a.sql", "SELECT 1;")
	write(t, dir, "fly/V2__b.sql", "SELECT 2;")
	write(t, dir, "goose/odd.sql", "-- +goose Up\nSELECT 1;\n-- +goose Down\nSELECT 2;")
	write(t, dir, "alone/x.sql", "SELECT 1;")
	write(t, dir, "drizzle/meta/_journal.json", `{"entries": [{"idx": 0, "tag": "0000_a"}]}`)
	write(t, dir, "drizzle/0000_a.sql", "SELECT 1;")
	for _, tc := range []struct {
		file string
		tool foreign.Tool
		down bool
	}{
		{"sqitch/deploy/sub/b.sql", foreign.Sqitch, true}, {"sqitch/deploy/a.sql", foreign.Sqitch, false},
		{"prisma/2_b/migration.sql", foreign.Prisma, false}, {"go/1_a.up.sql", foreign.GolangMigrate, true},
		{"go/1_a.down.sql", foreign.GolangMigrate, true}, {"fly/V2__b.sql", foreign.Flyway, false},
		{"goose/odd.sql", foreign.Goose, true}, {"alone/x.sql", foreign.Plain, false}, {"drizzle/0000_a.sql", foreign.Drizzle, false},
	} {
		dirs, err := foreign.ReadFiles([]string{filepath.Join(dir, filepath.FromSlash(tc.file))}, false)
		if err != nil || len(dirs) != 1 {
			t.Errorf("%s: %d directories, %v", tc.file, len(dirs), err)
			continue
		}
		d := dirs[0]
		if len(d.Files) != 1 || d.Tool != tc.tool || d.Files[0].HasDown != tc.down || len(d.Files[0].Up.Units) == 0 {
			t.Errorf("%s: got %s", tc.file, dump(d))
		}
	}
	if _, err := foreign.ReadFiles([]string{filepath.Join(dir, "gone.sql")}, false); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
	if _, err := foreign.ReadFiles([]string{dir}, true); err == nil {
		t.Error("a directory was read as a file")
	}
}

// TestReadText takes the tool from the text alone, as standard input gives it.
func TestReadText(t *testing.T) {
	for text, want := range map[string]foreign.Tool{
		"-- +goose Up\nSELECT 1;":                              foreign.Goose,
		"-- migrate:up\nSELECT 1;\n-- migrate:down\nSELECT 1;": foreign.Dbmate,
		"SELECT 1;\n---- create above / drop below ----\n":     foreign.Tern,
		"-- pleat: up\nSELECT 1;\n-- pleat: down\nSELECT 2;":   foreign.Pleat,
		"-- pleat: allow X y\nSELECT 1;":                       foreign.Plain,
		"SELECT 1":                                             foreign.Plain,
		"":                                                     foreign.Plain,
	} {
		d := foreign.ReadText("stdin", []byte(text))
		if d.Tool != want || len(d.Files) != 1 || len(d.Files[0].Up.Problems) > 0 {
			t.Errorf("%q: got %s", text, dump(d))
		}
	}
}

// TestEmptyDirectoryOfPleat: a directory that an import just made holds no migration yet.
func TestEmptyDirectoryOfPleat(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "pleat.sum", "")
	d, err := foreign.Read(dir, foreign.Options{})
	if err != nil || d.Tool != foreign.Pleat || len(d.Files) != 0 {
		t.Errorf("got %v, %v", d, err)
	}
}

func TestOnly(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "1_a.up.sql", "SELECT 1;")
	write(t, dir, "2_b.up.sql", "SELECT 1;")
	write(t, dir, "2_b.down.sql", "SELECT 1;")
	d, err := foreign.Read(dir, foreign.Options{Only: func(path string) bool { return strings.HasSuffix(path, "2_b.down.sql") }})
	if err != nil || len(d.Files) != 1 || d.Files[0].Version != "2" {
		t.Errorf("got %v, %v", d, err)
	}
	dirs, err := foreign.ReadFiles([]string{filepath.Join(dir, "2_b.up.sql")}, true)
	if err != nil || len(dirs) != 1 || len(dirs[0].Files) != 2 || !dirs[0].Files[0].Context || dirs[0].Files[1].Context {
		t.Errorf("got %v, %v", dirs, err)
	}
}
