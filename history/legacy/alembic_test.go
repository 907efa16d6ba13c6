package legacy_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/pleatdb/pleat/history/legacy"
	"github.com/pleatdb/pleat/inspect/pgtest"
)

// revision is a module as people and formatters leave them.
func revision(created, assignments string) string {
	return "\"\"\"a message\n\nRevises: nothing that is true\nCreate Date: " + created + "\n\n\"\"\"\nfrom alembic import op\n" + assignments + "\n\ndef upgrade():\n    revision = 'inner'\n"
}

// graph is two branches from one base, their merge, and a revision on top; one branch needs the other. File names say nothing.
var graph = map[string]string{
	"alembic.ini":              "[alembic]\nscript_location = app\nversion_locations = %(here)s/app/versions %(here)s/more\n",
	"app/env.py":               "",
	"app/versions/zz.py":       revision("2024-01-01 10:00:00", "# revision = 'wrong'\nrevision: str = \"base\"\ndown_revision: Union[str, None] = None\nbranch_labels = ('main',)\ndepends_on = None"),
	"app/versions/__init__.py": "revision = 'no'\ndown_revision = None\n",
	"app/versions/b.py":        revision("2024-01-03 10:00:00.5+02:00", "revision = 'left'\ndown_revision = (\n    'base',  # the base\n)\ndepends_on = \"right\""),
	"more/c.py":                revision("2024-01-04", "revision = '''right'''; down_revision = 'ba' 'se'\nbranch_labels = None"),
	"app/versions/a.py":        revision("2024-01-05 10:00:00", "LEFT = 'left'\nrevision = 'merge'\ndown_revision = (\n    LEFT,\n    \"right\",\n)"),
	"app/versions/d.py":        revision("2024-01-06 10:00:00", "revision = 'top'\ndown_revision: str | Sequence[str] | None = ['merge']"),
	"old/e.py":                 revision("2024-01-06 10:00:00", "revision = 'elsewhere'\ndown_revision = None"),
	"app/models.py":            "class revision:\n    down_revision = None\n",
}

// alembicAt makes a database at some heads.
func alembicAt(t *testing.T, dir string, heads ...string) *legacy.History {
	t.Helper()
	conn := dial(t, pgtest.URL(t))
	if err := load(conn, "CREATE TABLE alembic_version (version_num varchar(32) NOT NULL)"); err != nil {
		t.Fatal(err)
	}
	for _, head := range heads {
		if err := load(conn, "INSERT INTO alembic_version VALUES ('"+head+"')"); err != nil {
			t.Fatal(err)
		}
	}
	return adopt(t, conn, legacy.Wanted{Tool: legacy.Alembic}, dir)
}

// story is what an import says in short: "version state" of each entry, then what is pending.
func story(h *legacy.History) string {
	var out []string
	for _, e := range h.Entries {
		text := e.Key + " " + string(e.State)
		if !e.InEffect {
			text += " past"
		}
		out = append(out, text)
	}
	for _, f := range h.Pending {
		out = append(out, "pending "+f.Key)
	}
	return strings.Join(out, ", ")
}

func TestAlembicGraph(t *testing.T) {
	t.Parallel()
	dir := write(t, graph)
	for _, test := range []struct {
		heads []string
		want  string
		codes []legacy.Code
	}{
		{nil, "pending base, pending right, pending left, pending merge, pending top", []legacy.Code{"pending_code", "pending_code", "pending_code", "pending_code", "pending_code"}},
		{[]string{"top"}, "base inferred, right inferred, left inferred, merge inferred, top applied", nil},
		{[]string{"right"}, "base inferred, right applied, pending left, pending merge, pending top", []legacy.Code{"pending_code", "pending_code", "pending_code"}},
		{[]string{"left"}, "base inferred, right inferred, left applied, pending merge, pending top", []legacy.Code{"pending_code", "pending_code"}},
		{[]string{"left", "right"}, "base inferred, right applied, left applied, pending merge, pending top", []legacy.Code{"pending_code", "pending_code"}},
		{[]string{"top", "left"}, "base inferred, right inferred, left applied, merge inferred, top applied", []legacy.Code{"unknown_revision"}},
		{[]string{"top", "gone"}, "base inferred, right inferred, left inferred, merge inferred, top applied, gone applied", []legacy.Code{"unknown_revision"}},
		{[]string{"top", "top"}, "base inferred, right inferred, left inferred, merge inferred, top applied", []legacy.Code{"duplicate_version"}},
	} {
		h := alembicAt(t, dir, test.heads...)
		if got := story(h); got != test.want || !slices.Equal(codes(h), test.codes) {
			t.Errorf("at %v: got %s with %v, want %s", test.heads, got, h.Problems, test.want)
		}
	}
}

func TestAlembicWithoutFiles(t *testing.T) {
	t.Parallel()
	h := alembicAt(t, "", "left", "right")
	if got := story(h); got != "left applied, right applied" || len(h.Problems) > 0 {
		t.Errorf("got %s, %v", got, h.Problems)
	}
	if h.Entries[0].Note == "" {
		t.Error("nothing says that more ran before the head")
	}
}

func TestAlembicMissingAndDouble(t *testing.T) {
	t.Parallel()
	dir := write(t, map[string]string{
		"b.py": revision("2024-01-02 00:00:00", "revision = 'b'\ndown_revision = 'a'"),
		"c.py": revision("2024-01-03 00:00:00", "revision = 'c'\ndown_revision = 'b'"),
		"d.py": revision("2024-01-03 00:00:00", "revision = 'c'\ndown_revision = 'b'"),
	})
	h := alembicAt(t, dir, "c")
	if got := story(h); got != "a inferred, b inferred, c applied" {
		t.Errorf("got %s", got)
	}
	if !slices.Equal(codes(h), []legacy.Code{legacy.DuplicateVersion, legacy.MissingFile}) {
		t.Errorf("got %v", h.Problems)
	}
	circle := write(t, map[string]string{
		"b.py": revision("2024-01-02 00:00:00", "revision = 'b'\ndown_revision = 'c'"),
		"c.py": revision("2024-01-03 00:00:00", "revision = 'c'\ndown_revision = 'b'"),
	})
	if h := alembicAt(t, circle, "c"); !slices.Contains(codes(h), legacy.UnknownRevision) || len(h.Entries) != 2 {
		t.Errorf("of a circle: %s, %v", story(h), h.Problems)
	}
}

func TestAlembicEnvironments(t *testing.T) {
	t.Parallel()
	dir := write(t, map[string]string{
		"one/env.py": "", "one/versions/1.py": revision("2024-01-02 00:00:00", "revision = 'one'\ndown_revision = None"),
		"two/env.py": "", "two/versions/1.py": revision("2024-01-02 00:00:00", "revision = 'two'\ndown_revision = None"),
	})
	if got := story(alembicAt(t, dir, "two")); got != "two applied" {
		t.Errorf("got %s", got)
	}
}

func TestAlembicRenamed(t *testing.T) {
	t.Parallel()
	conn := dial(t, pgtest.URL(t))
	if err := load(conn, `CREATE SCHEMA "te""nant"; CREATE TABLE "te""nant".schema_state (version_num varchar(64) PRIMARY KEY);
		INSERT INTO "te""nant".schema_state VALUES ('1975ea83b712'); CREATE TABLE editions (version_num integer); INSERT INTO editions VALUES (3);
		CREATE TABLE books (version_num text); INSERT INTO books VALUES ('a first edition')`); err != nil {
		t.Fatal(err)
	}
	h := adopt(t, conn, legacy.Wanted{}, "")
	if h.Source.Schema != `te"nant` || len(h.Entries) != 1 {
		t.Errorf("got %s with %d entries", &h.Source, len(h.Entries))
	}
}
