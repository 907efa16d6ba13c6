package pgtest

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

func TestMain(m *testing.M) { Main(m) }

func TestDatabasesAreSeparateAndDropped(t *testing.T) {
	var first string
	t.Run("use", func(t *testing.T) {
		first = URL(t)
		second := URL(t)
		Exec(t, first, "CREATE TABLE a (); CREATE TABLE b ();")
		Exec(t, second, "CREATE TABLE a ();")
	})
	if t.Failed() || first == "" {
		return
	}
	if conn, err := pgx.Connect(context.Background(), first); err == nil {
		conn.Close(context.Background())
		t.Fatal("the database outlived its test")
	}
}

func TestErrorNamesItsLine(t *testing.T) {
	err := run(URL(t), "CREATE TABLE a ();\n-- é\nCREATE TABLE é (x inte);")
	if err == nil {
		t.Fatal("the script passed")
	}
	want := "line 3, column 19: ERROR: type \"inte\" does not exist (SQLSTATE 42704)\n" +
		"CREATE TABLE é (x inte);\n                  ^"
	if !strings.Contains(err.Error(), want) {
		t.Fatalf("got\n%v\nwant in it\n%s", err, want)
	}
}

func TestDumpIsStable(t *testing.T) {
	url := URL(t)
	Exec(t, url, "CREATE TABLE a (id int); \n\\restrict abc\nCREATE TABLE b (id int);")
	first, second := Dump(t, url), Dump(t, url)
	if first != second {
		t.Fatal("two dumps of one database differ")
	}
	if !strings.Contains(first, "CREATE TABLE public.a (") || strings.Contains(first, "restrict") || strings.Contains(first, "Dumped") {
		t.Fatalf("got %s", first)
	}
	if only := Dump(t, url, "--table=b"); strings.Contains(only, "public.a") {
		t.Fatalf("the arguments were not passed on: %s", only)
	}
}

func TestMaterial(t *testing.T) {
	path := Corpora(t, "schemas")
	if info, err := os.Stat(path); err != nil || !info.IsDir() {
		t.Fatalf("%s is no directory", path)
	}
	t.Run("absent", func(t *testing.T) {
		skipped := false
		t.Run("part", func(t *testing.T) {
			defer func() { skipped = t.Skipped() }()
			Legacy(t, "no such tool")
		})
		if !skipped {
			t.Fatal("absent material did not skip the test")
		}
	})
}

func TestWithoutServer(t *testing.T) {
	for _, test := range []struct{ ci, want string }{{"", "--- SKIP: "}, {"true", "--- FAIL: "}} {
		child := exec.Command(os.Args[0], "-test.v", "-test.run=^TestDumpIsStable$")
		child.Env = append(os.Environ(), "CI="+test.ci, "PLEAT_TEST_POSTGRES_URL=postgres://127.0.0.1:1/none")
		out, err := child.CombinedOutput()
		if (err != nil) != (test.ci != "") || !strings.Contains(string(out), test.want+"TestDumpIsStable") || !strings.Contains(string(out), "no PostgreSQL for the test") {
			t.Errorf("with CI=%q: %v\n%s", test.ci, err, out)
		}
	}
}
