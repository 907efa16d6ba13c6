package sqltext_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pleatdb/pleat/schema/sqltext"
)

func TestSplit(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       []string
	}{
		{"empty", "", nil},
		{"only comments", "-- a\n/* b /* c */ ; */ ;;\n", nil},
		{"no semicolon", "SELECT 1", []string{"SELECT 1"}},
		{"byte order mark and CRLF", "\ufeffSELECT 1;\r\nSELECT 2;\r\n", []string{"SELECT 1", "SELECT 2"}},
		{"strings", `SELECT ';', 'it''s;', E'\';', U&'\0041;', B'1', "a;""b";SELECT 2`, []string{`SELECT ';', 'it''s;', E'\';', U&'\0041;', B'1', "a;""b"`, "SELECT 2"}},
		{"backslash is plain", `SELECT '\'; SELECT 2`, []string{`SELECT '\'`, "SELECT 2"}},
		{"continued escape string", "SELECT E'a'\n'\\';b'; SELECT 2", []string{"SELECT E'a'\n'\\';b'", "SELECT 2"}},
		{"dollar quotes", "DO $a$ ; $b$ $ $a$; SELECT a$1$, $$;$$;", []string{"DO $a$ ; $b$ $ $a$", "SELECT a$1$, $$;$$"}},
		{"parentheses", "CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2); SELECT 3", []string{"CREATE RULE r AS ON INSERT TO t DO (SELECT 1; SELECT 2)", "SELECT 3"}},
		{"atomic body", "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN a THEN 1 END AS end; SELECT x.case; END; SELECT 2", []string{"CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN a THEN 1 END AS end; SELECT x.case; END", "SELECT 2"}},
		{"begin is no body", "BEGIN; SELECT 1; END; COMMIT", []string{"BEGIN", "SELECT 1", "END", "COMMIT"}},
		{"newer syntax", "ALTER TABLE t ADD c int GENERATED ALWAYS AS (a) VIRTUAL; CREATE TABLE u (PRIMARY KEY (a, b WITHOUT OVERLAPS))", []string{"ALTER TABLE t ADD c int GENERATED ALWAYS AS (a) VIRTUAL", "CREATE TABLE u (PRIMARY KEY (a, b WITHOUT OVERLAPS))"}},
		{"comment in an operator", "SELECT 1+--;\n2; SELECT 3*/* ; */4", []string{"SELECT 1+--;\n2", "SELECT 3*/* ; */4"}},
		{"copy out", "COPY t TO STDOUT; COPY (SELECT * FROM stdin) TO STDOUT", []string{"COPY t TO STDOUT", "COPY (SELECT * FROM stdin) TO STDOUT"}},
		{"stray bracket", "SELECT 1); SELECT 2", []string{"SELECT 1)", "SELECT 2"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			statements, err := sqltext.Split(c.text)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, s := range statements {
				got = append(got, s.SQL)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestSplitPlaces(t *testing.T) {
	got, err := sqltext.Split("-- one\n\n/* two */ SELECT 1 ; -- after\n-- before\nSELECT\n2 -- end\n;\n")
	if err != nil {
		t.Fatal(err)
	}
	want := []sqltext.Statement{
		{SQL: "SELECT 1", Leading: "-- one\n\n/* two */ ", Start: 18, End: 26, Line: 3},
		{SQL: "SELECT\n2", Leading: " -- after\n-- before\n", Start: 48, End: 56, Line: 5},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestSplitRefuses(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"SELECT 1;\n\\i other.sql\n", `line 2: \i is a command of psql, not SQL`},
		{"\\restrict abc\nSELECT 1;", `line 1: \restrict is a command of psql, not SQL`},
		{"SELECT 1 \\gexec", `line 1: \gexec is a command of psql, not SQL`},
		{"\n\\copy t from 'a'", `line 2: \copy is a command of psql, not SQL`},
		{"SELECT 1;\nCOPY t (a, b) FROM stdin WITH (FORMAT csv);\n1,it's\n\\.\n", "line 2: COPY FROM STDIN needs rows from the client, which a script cannot carry"},
		{"SELECT 1;\nSELECT 'a\nb;", "line 2: unterminated string"},
		{"\n\n\"a", "line 3: unterminated quoted identifier"},
		{"/* /* */\n", "line 1: unterminated comment"},
		{"DO $x$ $y$", "line 1: unterminated dollar-quoted string $x$"},
		{"SELECT E'a\\", "line 1: unterminated string"},
		{"SELECT 1;\x00", "line 1: NUL byte"},
	} {
		_, err := sqltext.Split(c.text)
		if err == nil || err.Error() != c.want {
			t.Errorf("%q: %v, want %s", c.text, err, c.want)
		}
	}
}

// TestSplitCorpora splits scripts nobody here wrote; what psql alone can run is refused.
func TestSplitCorpora(t *testing.T) {
	if _, err := os.Stat(corpora); err != nil {
		t.Skip("real schemas are not here")
	}
	files, statements, refused := 0, 0, 0
	err := filepath.WalkDir(corpora, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".sql" {
			return err
		}
		text := readScript(t, path)
		files++
		got, err := sqltext.Split(text)
		var unsupported *sqltext.UnsupportedError
		if errors.As(err, &unsupported) {
			refused++
		} else if err != nil {
			t.Errorf("%s: %v", path, err)
		}
		statements += len(got)
		checkPlaces(t, text, got)
		for _, s := range got {
			// The grammar lacks one form that later minor releases of PostgreSQL 15 print.
			if c := sqltext.Classify(s.SQL); !c.Parsed && !strings.Contains(s.SQL, "LOGGED") {
				t.Errorf("%s:%d: not one statement of the grammar: %s", path, s.Line, s.SQL)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d files, %d statements, %d files refused", files, statements, refused)
}

// checkPlaces wants statements and the gaps between them to make up the text.
func checkPlaces(t *testing.T, text string, statements []sqltext.Statement) {
	t.Helper()
	end := 0
	for _, s := range statements {
		if s.Start < end || s.End <= s.Start || text[s.Start:s.End] != s.SQL || !strings.HasSuffix(text[end:s.Start], s.Leading) {
			t.Fatalf("wrong place of %+v in %q", s, text)
		}
		if line := 1 + strings.Count(text[:s.Start], "\n"); line != s.Line {
			t.Fatalf("line %d of %+v, want %d", s.Line, s, line)
		}
		end = s.End
	}
}

func FuzzSplit(f *testing.F) {
	for _, seed := range []string{"", ";", "SELECT 'a;b'; SELECT $$;$$", "\ufeff--x\n\\d", "CREATE FUNCTION f() BEGIN ATOMIC SELECT 1; END; x", "E'\\", "COPY a FROM stdin;1", "U&\"a\" 1..2 :: /*/**/*/ $1 $a"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		statements, err := sqltext.Split(text)
		if err == nil {
			checkPlaces(t, text, statements)
		}
	})
}

func FuzzStable(f *testing.F) {
	for _, q := range append(authored, queries...) {
		f.Add(q)
	}
	for _, s := range []string{"((a AND b) AND c)", "((ARRAY['a'::varchar])::text[])", "(- 1)", "EXTRACT(YEAR FROM x)", " SELECT (a)::text FROM t"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		once := sqltext.Stable(text)
		if twice := sqltext.Stable(once); twice != once {
			t.Errorf("not idempotent:\n%q\n%q\n%q", text, once, twice)
		}
	})
}

func TestPosition(t *testing.T) {
	for _, c := range []struct {
		sql                         string
		chars, offset, line, column int
	}{
		{"SELECT x", 8, 7, 1, 8},
		{"SELECT 'é',\n  x", 15, 15, 2, 3},
		{"a", 0, 0, 1, 1},
		{"a", 99, 1, 1, 2},
	} {
		offset, line, column := sqltext.Position(c.sql, c.chars)
		if offset != c.offset || line != c.line || column != c.column {
			t.Errorf("Position(%q, %d) = %d, %d, %d", c.sql, c.chars, offset, line, column)
		}
	}
}
