package adopt_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/pleatdb/pleat/cmd/internal/adopt"
	"github.com/pleatdb/pleat/history/legacy"
	"github.com/pleatdb/pleat/inspect"
	"github.com/pleatdb/pleat/inspect/pgtest"
	"github.com/pleatdb/pleat/inspect/shadow"
	"github.com/pleatdb/pleat/schema"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// goose is the history table of goose with the given versions, none of which was taken back.
func goose(versions ...string) string {
	sql := `CREATE TABLE goose_db_version (id serial PRIMARY KEY, version_id bigint NOT NULL, is_applied boolean NOT NULL, tstamp timestamp DEFAULT now());
		INSERT INTO goose_db_version (version_id, is_applied) VALUES (0, true);`
	for _, v := range versions {
		sql += "INSERT INTO goose_db_version (version_id, is_applied) VALUES (" + v + ", true);"
	}
	return sql
}

// files writes a directory of legacy files.
func files(t *testing.T, texts map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range texts {
		full := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// read chooses and reads the history of a database as the command does.
func read(t *testing.T, url, dir string) *legacy.History {
	t.Helper()
	ctx := t.Context()
	conn := dial(t, url)
	tx, err := conn.Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(ctx) }()
	w := legacy.Wanted{}
	if dir != "" {
		if w.Dir, err = legacy.OpenDir(dir); err != nil {
			t.Fatal(err)
		}
	}
	all, err := legacy.Find(ctx, tx, "")
	if err != nil {
		t.Fatal(err)
	}
	s, ok, err := legacy.Choose(all, w)
	if err != nil || !ok {
		t.Fatalf("choose among %v: %v %v", all, ok, err)
	}
	h, err := legacy.Read(ctx, tx, s, w.Dir)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func dial(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(t.Context()) })
	return conn
}

// liveOf is the state of a database without the tool's own tables.
func liveOf(t *testing.T, url string, h *legacy.History) *schema.Catalog {
	t.Helper()
	c, err := inspect.Inspect(t.Context(), dial(t, url), inspect.Options{Ignore: adopt.Ignore(&h.Source)})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func align(t *testing.T, url string, h *legacy.History) *adopt.Alignment {
	t.Helper()
	a, err := adopt.Align(t.Context(), adopt.Request{
		History: h, Live: liveOf(t, url, h), Shadow: shadow.On(pgtest.Server(t)), Ignore: adopt.Ignore(&h.Source),
	})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// told writes differences as lines.
func told(a *adopt.Alignment) string {
	var b strings.Builder
	if !a.Compared {
		b.WriteString("not compared: " + a.Reason + "\n")
	}
	for _, d := range a.Differences {
		b.WriteString(d.Kind + " " + d.Object + "\n")
		for _, line := range d.Detail {
			b.WriteString("  " + line + "\n")
		}
	}
	return b.String()
}

// legacyTable is the tool's table as an object.
func legacyTable(h *legacy.History) schema.ID {
	return schema.ID{Kind: schema.KindTable, Schema: h.Source.Schema, Name: h.Source.Table}
}

// keyless leaves the key, which is each reader's own, out of a line of [named].
func keyless(line string) string {
	file, rest, _ := strings.Cut(line, " of ")
	if strings.HasSuffix(rest, " pending") {
		file += " pending"
	}
	return file
}
