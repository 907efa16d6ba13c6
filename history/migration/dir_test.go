package migration

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

func put(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func problems(t *testing.T, dir string) []Problem {
	t.Helper()
	d, err := ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var broken *IntegrityError
	if errors.As(d.Validate(), &broken) {
		return broken.Problems
	}
	return nil
}

func TestNewMakesVersionsThatNeverGoBack(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "migrations")
	var names []string
	for _, at := range []time.Time{noon, noon, noon.Add(-time.Hour), noon.Add(time.Hour)} {
		path, err := New(dir, "Add  Slug! (ünï)", at)
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, filepath.Base(path))
		info, err := os.Stat(path)
		if err != nil || info.Mode().Perm() != 0o644 {
			t.Errorf("%s: mode %v, %v", path, info.Mode(), err)
		}
	}
	want := []string{
		"20261120120000_add_slug_ünï.sql", "20261120120001_add_slug_ünï.sql",
		"20261120120002_add_slug_ünï.sql", "20261120130000_add_slug_ünï.sql",
	}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Error(diff)
	}
	if p := problems(t, dir); p != nil {
		t.Errorf("a fresh directory has problems: %v", p)
	}
	if _, err := New(dir, "!!!", noon); err == nil {
		t.Error("a name without a letter was accepted")
	}
	d, err := ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Files[0].Parse(); err == nil || !strings.Contains(err.Error(), "holds no statement") {
		t.Errorf("a skeleton parses: %v", err)
	}
}

func TestReadDirNamesWhatIsNoMigration(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, "README.md", "x")
	put(t, dir, ".gitkeep", "")
	put(t, dir, "20261120120000_a.sql", "SELECT 1")
	d, err := ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"README.md"}, d.Foreign); diff != "" || len(d.Files) != 1 {
		t.Errorf("files %v, foreign %v", d.Files, d.Foreign)
	}
	for _, name := range []string{
		"20261120120000_b.sql", "1_a.sql", "20261320120000_c.sql", "20261120120001_d.expnd.sql", "20261120120002.sql", "20261120120003_.sql",
	} {
		put(t, dir, name, "SELECT 1")
	}
	_, err = ReadDir(dir)
	for _, want := range []string{
		"20261120120000_b.sql: has the same version as 20261120120000_a.sql",
		`1_a.sql: version "1" is not a timestamp of 14 digits`,
		`20261320120000_c.sql: version "20261320120000" is not a date and time`,
		`20261120120001_d.expnd.sql: has the unknown phase "expnd", did you mean "expand"?`,
		"20261120120002.sql: has no version and name joined by _",
		"20261120120003_.sql: has a name of more than letters, digits, - and _",
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v\nlacks %s", err, want)
		}
	}
}

func TestValidateSeesEveryChange(t *testing.T) {
	a, b, c := "20261120120000_a.sql", "20261120120001_b.sql", "20261120120002_c.sql"
	setUp := func(t *testing.T) string {
		dir := t.TempDir()
		put(t, dir, a, "SELECT 1;\n")
		put(t, dir, b, "SELECT 2;\n")
		if err := Rehash(dir); err != nil {
			t.Fatal(err)
		}
		return dir
	}
	sumOf := func(t *testing.T, dir string) string {
		text, err := os.ReadFile(filepath.Join(dir, SumFile))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	for _, tc := range []struct {
		name   string
		change func(t *testing.T, dir string)
		want   []Problem
	}{
		{"none", func(*testing.T, string) {}, nil},
		{"line ends and mark", func(t *testing.T, dir string) { put(t, dir, a, "\ufeffSELECT 1;\r\n\r\n") }, nil},
		{"edited", func(t *testing.T, dir string) { put(t, dir, a, "SELECT 3;\n") }, []Problem{{Edited, a, 4}}},
		{"added", func(t *testing.T, dir string) { put(t, dir, c, "SELECT 3;\n") }, []Problem{{Added, c, 0}}},
		{"removed", func(t *testing.T, dir string) { _ = os.Remove(filepath.Join(dir, b)) }, []Problem{{Removed, b, 5}}},
		{"missing", func(t *testing.T, dir string) { _ = os.Remove(filepath.Join(dir, SumFile)) }, []Problem{{Missing, SumFile, 0}}},
		{"torn", func(t *testing.T, dir string) { put(t, dir, SumFile, sumOf(t, dir)[:300]) }, []Problem{{Malformed, SumFile, 4}}},
		{"empty", func(t *testing.T, dir string) { put(t, dir, SumFile, "") }, []Problem{{Malformed, SumFile, 0}}},
		{"tampered", func(t *testing.T, dir string) {
			s := sumOf(t, dir)
			put(t, dir, SumFile, strings.Replace(s, "directory "+s[strings.Index(s, "directory ")+10:][:8], "directory 00000000", 1))
		}, []Problem{{Tampered, SumFile, 0}}},
		{"conflict", func(t *testing.T, dir string) {
			put(t, dir, SumFile, "# x\n<<<<<<< HEAD\ndirectory 00\n=======\ndirectory 11\n>>>>>>> b\n")
		}, []Problem{{Conflicted, SumFile, 2}}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			dir := setUp(t)
			tc.change(t, dir)
			if diff := cmp.Diff(tc.want, problems(t, dir)); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
			if tc.want == nil {
				return
			}
			if _, err := New(dir, "next", noon); err == nil {
				t.Error("a new file was added over a directory that does not match its sum")
			}
			if err := Rehash(dir); err != nil {
				t.Fatal(err)
			}
			if p := problems(t, dir); p != nil {
				t.Errorf("after a rehash: %v", p)
			}
		})
	}
}

func TestWriteRefusesWhatWouldNotReadBack(t *testing.T) {
	dir := t.TempDir()
	good := generated()
	good.Steps[1].Statements[0].SQL = "CREATE INDEX CONCURRENTLY i ON public.markets (slug)"
	if _, err := Write(dir, good); err != nil {
		t.Fatal(err)
	}
	if p := problems(t, dir); p != nil {
		t.Errorf("after write: %v", p)
	}
	needless := generated()
	needless.Version, needless.Steps, needless.Down = "20261120152959", needless.Steps[:1], []Undo{{Step: 1}}
	if _, err := Write(dir, needless); err != nil {
		t.Errorf("an undo that does nothing: %v", err)
	}
	for name, break_ := range map[string]func(*Migration){
		"two statements in one": func(m *Migration) { m.Steps[0].Statements[0].SQL = "SELECT 1; SELECT 2" },
		"a comment at the end":  func(m *Migration) { m.Steps[0].Statements[0].SQL = "SELECT 1 -- x" },
		"a directive in it":     func(m *Migration) { m.Steps[0].Statements[0].SQL = "SELECT\n-- pleat: down\n1" },
		"no statement":          func(m *Migration) { m.Steps[0].Statements = nil },
		"the same version":      func(m *Migration) { m.Version, m.Name = good.Version, "other" },
	} {
		m := generated()
		m.Version = "20261120153001"
		m.Steps[1].Statements[0].SQL = "CREATE INDEX CONCURRENTLY i ON public.markets (slug)"
		break_(m)
		if _, err := Write(dir, m); err == nil {
			t.Errorf("%s: was written", name)
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 3 {
		t.Errorf("the directory holds %v, %v", entries, err)
	}
}

func TestALargeFileIsRefusedByName(t *testing.T) {
	dir := t.TempDir()
	f, err := os.Create(filepath.Join(dir, "20261120120000_a.sql"))
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Truncate(100 << 20); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	_, err = ReadDir(dir)
	if err == nil || !strings.Contains(err.Error(), "20261120120000_a.sql: is 100 MB large, the most is 32 MB") {
		t.Errorf("got %v", err)
	}
}
