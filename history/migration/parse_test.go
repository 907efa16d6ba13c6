package migration

import (
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/pleatdb/pleat/schema"
)

var noPositions = []cmp.Option{
	cmpopts.IgnoreFields(Statement{}, "Line", "Column"), cmpopts.IgnoreFields(Step{}, "Line"),
	cmpopts.IgnoreFields(Undo{}, "Line"), cmpopts.IgnoreFields(Allow{}, "Line"), cmpopts.IgnoreFields(Batch{}, "Line"),
}

func generated() *Migration {
	table := schema.ID{Kind: schema.KindTable, Schema: "public", Name: "markets"}
	hostile := schema.ID{Kind: schema.KindIndex, Schema: "public", Parent: "markets", Name: "a\n\\! sh"}
	return &Migration{
		Version: "20261120153000", Name: "add_slug", Phase: Expand, Generated: true,
		Before: strings.Repeat("5b", 32), After: strings.Repeat("9e", 32),
		Objects: []schema.ID{table, hostile}, Proven: "up and down on PostgreSQL 17.6",
		Destructive: []string{"drops column public.markets.\"old\nname\""},
		Allow:       []Allow{{Code: "rewrite", Reason: "the table is small"}, {Code: "scan", Reason: "so is this", Step: 1}},
		HasDown:     true,
		Steps: []Step{
			{
				Number: 1, Title: "add column public.markets.slug",
				Notes:  []string{"lock: ACCESS EXCLUSIVE on public.markets · no rewrite · no scan", "hostile:\n\\! sh"},
				Checks: []Check{{"markets without a name", Statement{SQL: "SELECT id FROM public.markets WHERE name IS NULL"}}},
				Statements: []Statement{
					{SQL: "ALTER TABLE public.markets ADD COLUMN slug character varying(200)"},
					{SQL: "CREATE FUNCTION public.f() RETURNS trigger LANGUAGE plpgsql AS $pleat$\nBEGIN\n-- pleat: down\nRETURN new; END\n$pleat$"},
				},
			},
			{
				Number: 2, Title: "index \\ it", NoTransaction: true,
				Statements: []Statement{{SQL: "CREATE INDEX CONCURRENTLY i ON public.markets (slug) -- trailing"}},
			},
		},
		Down: []Undo{
			{Step: 2, Part: 1, Parts: 1, NoTransaction: true, Statements: []Statement{{SQL: "DROP INDEX CONCURRENTLY public.i"}}},
			{Step: 1, Part: 1, Parts: 1, Loses: []string{"column slug", "and its rows"},
				Statements: []Statement{{SQL: "ALTER TABLE public.markets DROP COLUMN slug"}}},
		},
	}
}

func TestFormatIsTheInverseOfParse(t *testing.T) {
	m := generated()
	text := Format(m)
	golden, err := os.ReadFile("testdata/generated.sql")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(golden), string(text)); diff != "" {
		t.Errorf("format differs from testdata/generated.sql (-want +got):\n%s", diff)
	}
	back, err := Parse(m.File(), text)
	if err != nil {
		t.Fatal(err)
	}
	m.Steps[1].Statements[0].SQL = "CREATE INDEX CONCURRENTLY i ON public.markets (slug)"
	if diff := cmp.Diff(m, back, noPositions...); diff != "" {
		t.Errorf("read back (-want +got):\n%s", diff)
	}
}

func TestHandWrittenFilesDivideIntoSteps(t *testing.T) {
	type step struct {
		Outside bool
		SQL     []string
	}
	for _, tc := range []struct {
		name, text string
		up, down   []step
	}{
		{"one transaction", "CREATE TABLE a(); CREATE TABLE b();", []step{{false, []string{"CREATE TABLE a()", "CREATE TABLE b()"}}}, nil},
		{"no final semicolon, CRLF and a byte order mark", "\ufeffCREATE TABLE a();\r\nCREATE TABLE b()",
			[]step{{false, []string{"CREATE TABLE a()", "CREATE TABLE b()"}}}, nil},
		{"concurrently stands alone", "CREATE TABLE a(); CREATE INDEX CONCURRENTLY i ON a(x); DROP TABLE c; DROP TABLE d; VACUUM a",
			[]step{{false, []string{"CREATE TABLE a()"}}, {true, []string{"CREATE INDEX CONCURRENTLY i ON a(x)"}},
				{false, []string{"DROP TABLE c", "DROP TABLE d"}}, {true, []string{"VACUUM a"}}}, nil},
		{"an enum value ends its step", "ALTER TYPE e ADD VALUE 'x'; ALTER TYPE e ADD VALUE 'y'; INSERT INTO t VALUES ('x')",
			[]step{{false, []string{"ALTER TYPE e ADD VALUE 'x'", "ALTER TYPE e ADD VALUE 'y'"}}, {false, []string{"INSERT INTO t VALUES ('x')"}}}, nil},
		{"up and down", "-- pleat: up\nCREATE TABLE a()\n-- pleat: down\nDROP INDEX CONCURRENTLY i; DROP TABLE a",
			[]step{{false, []string{"CREATE TABLE a()"}}}, []step{{true, []string{"DROP INDEX CONCURRENTLY i"}}, {false, []string{"DROP TABLE a"}}}},
		{"the whole file outside", "-- pleat: no transaction\nSELECT 1; SELECT 2",
			[]step{{true, []string{"SELECT 1"}}, {true, []string{"SELECT 2"}}}, nil},
		{"directives in literals do not count", "SELECT '\n-- pleat: down\n', $x$\n-- pleat: bogus\n$x$ /*\n-- pleat: step 1\n*/",
			[]step{{false, []string{"SELECT '\n-- pleat: down\n', $x$\n-- pleat: bogus\n$x$"}}}, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			m, err := Parse("20261120153000_x.sql", []byte(tc.text))
			if err != nil {
				t.Fatal(err)
			}
			sql := func(in []Statement) (out []string) {
				for _, s := range in {
					out = append(out, s.SQL)
				}
				return out
			}
			var up, down []step
			for i, s := range m.Steps {
				if s.Number != i+1 {
					t.Errorf("step %d has number %d", i+1, s.Number)
				}
				up = append(up, step{s.NoTransaction, sql(s.Statements)})
			}
			for _, u := range m.Down {
				down = append(down, step{u.NoTransaction, sql(u.Statements)})
			}
			if diff := cmp.Diff(tc.up, up); diff != "" {
				t.Errorf("up (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tc.down, down); diff != "" {
				t.Errorf("down (-want +got):\n%s", diff)
			}
		})
	}
}

func TestWhatIsWrongIsNamedWithItsPlace(t *testing.T) {
	const file = "20261120153000_x.sql"
	for _, tc := range []struct{ name, text, want string }{
		{"misspelt", "SELECT 1;\n-- pleat: dwon\n", file + `:2:1: unknown directive "dwon"; did you mean "down"?`},
		{"misspelt in two words", "-- pleat: no transction\nSELECT 1", file + `:1:1: unknown directive "no"; did you mean "no transaction"?`},
		{"trailing", "SELECT 1; -- pleat: down\nSELECT 2", file + ":1:11: a directive stands on a line of its own; move it to the next line"},
		{"begin", "SELECT 1;\n  BEGIN;\nSELECT 2; COMMIT;", file + ":2:3: BEGIN in a migration; pleat opens and ends the transactions; delete the line, and give each transaction a step of its own where there are several: -- pleat: step N"},
		{"psql", "SELECT 1;\n\\c other", file + `:2:1: \c is a command of psql, not SQL; a migration runs in one database; write one for each`},
		{"copy", "COPY t FROM stdin;\n1\n\\.\n", file + ":1:1: COPY FROM STDIN needs rows from the client, which a migration cannot carry; write INSERT instead of it and its lines of data, or load the rows beside the migrations"},
		{"empty", "", file + ":1:1: holds no statement; write the SQL, or delete the file"},
		{"only comments", "-- nothing\n/* here */", file + ":1:1: holds no statement; write the SQL, or delete the file"},
		{"binary", "SELECT 1\x00", file + ":1:9: is binary: it holds a zero byte; a migration is UTF-8 text"},
		{"latin", "SELECT '\xe4'", file + ":1:9: is not UTF-8; save it as UTF-8"},
		{"utf-16", "\xff\xfeS\x00", file + ": is UTF-16; save it as UTF-8"},
		{"conflict", "SELECT 1;\n<<<<<<< HEAD\nSELECT 2;\n=======\nSELECT 3;\n>>>>>>> other\n",
			file + ":2:1: a merge conflict is not resolved here; decide which side to keep"},
		{"unterminated", "SELECT 1;\nSELECT 'x", file + ":2:1: unterminated string"},
		{"step order", "-- pleat: up\n-- pleat: step 2 x\nSELECT 1;", file + ":2:1: step 2 where step 1 is due; steps are numbered from 1 without gaps"},
		{"mixed step", "-- pleat: step 1 x\nSELECT 1;\nVACUUM t;",
			file + ":3:1: VACUUM cannot run in a transaction, but step 1 holds other statements; give it a step of its own"},
		{"empty step", "-- pleat: step 1\n-- pleat: step 2\nSELECT 1", file + ":1:1: step 1 holds no statement; write its statement, or delete the line"},
		{"empty down", "SELECT 1;\n-- pleat: down\n", file + ":2:1: the way back is empty; delete the line if there is no way back; write SELECT 1 below it if nothing is to be done"},
		{"unknown undo", "SELECT 1;\n-- pleat: down\n-- pleat: undo 2\nSELECT 2", file + ":3:1: undo 2, but the last step is 1"},
		{"other name", "-- pleat: migration 20261120153001 x\nSELECT 1", file + `:1:1: migration "20261120153001 x" in a file for "20261120153000 x"; a file keeps its name`},
		{"check", "-- pleat: check users without email\n", file + ":1:1: a check without a query; write a query below it that returns no row when all is well"},
		{"late header", "SELECT 1;\n-- pleat: forward-only no\n", file + `:2:1: "forward-only" belongs to the head of the file, above the first statement`},
		{"scope alone", "-- pleat: scope a → b\nSELECT 1", file + `:1:1: "scope" and "object" go together`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := Parse(file, []byte(tc.text))
			if err == nil {
				t.Fatal("no error")
			}
			got, _, _ := strings.Cut(err.Error(), "\n")
			if got != tc.want {
				t.Errorf("got  %s\nwant %s", got, tc.want)
			}
			var syntax *SyntaxError
			if !errors.As(err, &syntax) {
				t.Errorf("%T is no SyntaxError", err)
			}
		})
	}
}

func TestLocatePutsAPositionIntoTheFile(t *testing.T) {
	m, err := Parse("20261120153000_x.sql", []byte("SELECT 1;\n  SELECT 'ä',\n  nope;\n"))
	if err != nil {
		t.Fatal(err)
	}
	s := m.Steps[0].Statements[1]
	line, column, source := s.Locate(strings.Index("SELECT 'a',\n  nope", "nope") + 1)
	if line != 3 || column != 3 || source != "  nope" {
		t.Errorf("got %d:%d %q", line, column, source)
	}
	line, column, source = s.Locate(8)
	if line != 2 || column != 10 || source != "  SELECT 'ä'," {
		t.Errorf("got %d:%d %q", line, column, source)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(string(Format(generated())))
	f.Add("-- pleat: up\nSELECT 1\n-- pleat: down\n-- pleat: undo 1 loses x\nSELECT $a$ ; $a$")
	f.Fuzz(func(t *testing.T, text string) {
		m, err := Parse("20261120153000_add_slug.expand.sql", []byte(text))
		if err != nil {
			return
		}
		if readsBack(m, Format(m)) != nil {
			return // text that the server would refuse, such as an open parenthesis; Write refuses it as well
		}
		again, err := Parse(m.File(), Format(m))
		if err != nil {
			t.Fatal(err)
		}
		if a, b := Format(m), Format(again); string(a) != string(b) {
			t.Errorf("format is not stable:\n%s\n---\n%s", a, b)
		}
	})
}

func FuzzTitlesStayInTheirComment(f *testing.F) {
	f.Add("a\n\\! sh", "x */ -->")
	f.Add(`\n`, ` \u0041 `)
	f.Fuzz(func(t *testing.T, title, loss string) {
		title, loss = strings.ToValidUTF8(title, "?"), strings.ToValidUTF8(loss, "?")
		if loss == "" || strings.ContainsRune(title+loss, 0) {
			return
		}
		m := generated()
		m.Steps[0].Title, m.Down[1].Loses = title, []string{loss}
		m.Steps[1].Statements[0].SQL = "SELECT 1"
		back, err := Parse(m.File(), Format(m))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(m, back, noPositions...); diff != "" {
			t.Errorf("read back (-want +got):\n%s", diff)
		}
	})
}
