package sqltext_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pleatdb/pleat/schema/sqltext"
)

type (
	refs  = sqltext.Refs
	names = []sqltext.Name
	funcs = []sqltext.FunctionName
	cols  = []sqltext.ColumnName
)

func TestReferences(t *testing.T) {
	for sql, want := range map[string]refs{
		"CREATE VIEW a.v AS SELECT x.c, b.u.d, f(x.c, 1) FROM b.t x, b.u": {Complete: true, Relations: names{{"b", "t"}, {"b", "u"}},
			Columns: cols{{"b", "t", "c"}, {"b", "u", "d"}}, Functions: funcs{{"", "f", 2}}},
		"WITH x AS (SELECT * FROM x), y AS (SELECT * FROM x) SELECT y.a FROM y, z":                                                {Complete: true, Relations: names{{"", "x"}, {"", "z"}}},
		"WITH RECURSIVE x AS (SELECT * FROM x UNION SELECT * FROM y), y AS (SELECT 1) SELECT * FROM x, s.y":                       {Complete: true, Relations: names{{"s", "y"}}},
		"SELECT (WITH x AS (SELECT 1) SELECT 1 FROM x) FROM x":                                                                    {Complete: true, Relations: names{{"", "x"}}},
		"CREATE TABLE a.t (i int DEFAULT nextval('a.s'::regclass), m a.mood, x text COLLATE a.c REFERENCES b.u, y a.t2.z%TYPE[])": {},
		"SELECT a OPERATOR(s.=) b, nextval('q'), 'a.\"R\"'::regclass":                                                             {Complete: true, Operators: names{{"s", "="}}, Functions: funcs{{"", "nextval", 1}}, Types: names{{"", "regclass"}}, Regclasses: names{{"", "q"}, {"a", "R"}}},
		"CREATE TRIGGER g BEFORE INSERT ON a.t EXECUTE FUNCTION a.f()":                                                            {Complete: true, Relations: names{{"a", "t"}}, Functions: funcs{{"a", "f", 0}}},
		"CREATE FUNCTION f(x a.mood) RETURNS SETOF b.t LANGUAGE sql AS 'SELECT * FROM b.t WHERE m = x AND g(m)'":                  {Complete: true, Relations: names{{"b", "t"}}, Functions: funcs{{"", "g", 1}}, Types: names{{"a", "mood"}, {"b", "t"}}},
		"CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1 FROM t; SELECT 2 FROM u; END":                                      {Complete: true, Relations: names{{"", "t"}, {"", "u"}}},
		"DO $$ DECLARE r b.t%ROWTYPE; n int; BEGIN SELECT * INTO r FROM b.t; n := f(r.a); PERFORM g(); END $$":                    {Complete: true, Relations: names{{"b", "t"}}, Functions: funcs{{"", "f", 1}, {"", "g", 0}}},
		"UPDATE a.t SET x = u.y FROM u WHERE t.z = u.z":                                                                           {Complete: true, Relations: names{{"", "u"}, {"a", "t"}}, Columns: cols{{"", "u", "y"}, {"", "u", "z"}, {"a", "t", "z"}}},
		"SELEKT": {},
	} {
		if diff := cmp.Diff(want, sqltext.References(sql)); diff != "" {
			t.Errorf("%s: %s", sql, diff)
		}
	}
}

func TestExprReferences(t *testing.T) {
	got := sqltext.ExprReferences("a > f(b) AND EXISTS (SELECT FROM s.t)")
	want := refs{Complete: true, Relations: names{{"s", "t"}}, Functions: funcs{{"", "f", 1}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if sqltext.ExprReferences("a >").Complete {
		t.Error("a broken expression is complete")
	}
}

func TestBodyReferences(t *testing.T) {
	for _, c := range []struct {
		language, body string
		want           refs
	}{
		{"sql", "SELECT 1 FROM a.t; SELECT g()", refs{Complete: true, Relations: names{{"a", "t"}}, Functions: funcs{{"", "g", 0}}}},
		{"plpgsql", "BEGIN NEW.x := f(NEW.y); INSERT INTO a.log VALUES (NEW.id); RETURN NEW; END", refs{Complete: true, Relations: names{{"a", "log"}}, Functions: funcs{{"", "f", 1}}}},
		{"plpgsql", "BEGIN EXECUTE 'SELECT ' || f(1); RETURN NEW; END", refs{Functions: funcs{{"", "f", 1}}}},
		{"plpgsql", "BEGIN total := (SELECT count(*) FROM a.t); INSERT INTO a.u VALUES (total); END", refs{Relations: names{{"a", "t"}, {"a", "u"}}, Functions: funcs{{"", "count", 0}}}},
		{"plpgsql", "BEGIN FOR r IN SELECT * FROM a.t LOOP IF h(1) THEN PERFORM g(2); END IF; END LOOP; END", refs{Relations: names{{"a", "t"}}, Functions: funcs{{"", "g", 1}, {"", "h", 1}}}},
		{"plpython3u", "return 1", refs{}},
		{"c", "sym", refs{Complete: true}},
	} {
		if diff := cmp.Diff(c.want, sqltext.BodyReferences(c.language, c.body)); diff != "" {
			t.Errorf("%s: %s", c.body, diff)
		}
	}
}

// TestReferencesCorpora reads every statement of real schemas, bodies included, without a crash.
func TestReferencesCorpora(t *testing.T) {
	total, incomplete, unbounded := 0, 0, 0
	for _, file := range scripts(t, "schemas/*/schema.sql") {
		statements, err := sqltext.Split(readScript(t, file))
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range statements {
			total++
			if !sqltext.References(s.SQL).Complete {
				incomplete++
			}
			if r := sqltext.Touched(s.SQL); !r.Bounded {
				unbounded++
				t.Logf("unbounded: %.100s", s.SQL)
			}
		}
	}
	t.Logf("%d statements, references incomplete in %d, reach unbounded in %d", total, incomplete, unbounded)
}
