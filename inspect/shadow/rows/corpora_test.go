package rows

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/pleatdb/pleat/inspect/pgtest"
	"github.com/pleatdb/pleat/schema/sqltext"
)

// TestFillCorpora fills schemas that nobody here wrote. Of their tables at least nineteen in twenty must get rows, and none may be empty
// without a reason.
func TestFillCorpora(t *testing.T) {
	if testing.Short() {
		t.Skip("it fills two thousand tables")
	}
	dirs, err := filepath.Glob(filepath.Join(pgtest.Corpora(t, "schemas"), "*"))
	if err != nil {
		t.Fatal(err)
	}
	tables, filled, whole := 0, 0, 0
	for _, dir := range dirs {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			url := pgtest.URL(t)
			loadCorpus(t, url, dir)
			conn := connect(t, url)
			begin := time.Now()
			report, err := Fill(context.Background(), conn, Options{Rows: 20, Seed: 1})
			if err != nil {
				t.Fatal(err)
			}
			empty := 0
			for _, f := range report.Tables {
				switch {
				case f.Rows >= int64(f.Wanted):
					whole++
					filled++
				case f.Rows > 0:
					filled++
				default:
					empty++
					t.Logf("empty: %s: %s", f.Table, f.Reason)
				}
				if f.Rows < int64(f.Wanted) && f.Reason == "" {
					t.Errorf("%s has %d of %d rows and no reason", f.Table, f.Rows, f.Wanted)
				}
			}
			tables += len(report.Tables)
			t.Logf("%d tables, %d of them empty, in %s; notes: %v", len(report.Tables), empty, time.Since(begin).Round(time.Millisecond), report.Notes)
		})
	}
	t.Logf("%d tables, %d filled, %d of them with as many rows as wanted", tables, filled, whole)
	if filled*20 < tables*19 {
		t.Errorf("only %d of %d tables could be filled", filled, tables)
	}
}

// loadCorpus builds a schema; statements that this server does not know, or lacks an extension for, are passed over.
func loadCorpus(t *testing.T, url, dir string) {
	t.Helper()
	conn := connect(t, url)
	ctx := context.Background()
	for _, name := range []string{"roles.sql", "schema.sql"} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			continue
		}
		kept := strings.Lines(string(text))
		var b strings.Builder
		for line := range kept {
			if !strings.HasPrefix(line, `\`) {
				b.WriteString(line)
			}
		}
		statements, err := sqltext.Split(b.String())
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range statements {
			if strings.Contains(s.SQL, "SUBSCRIPTION") {
				continue
			}
			var pg *pgconn.PgError
			if _, err := conn.Exec(ctx, s.SQL); err != nil && !errors.As(err, &pg) {
				t.Fatal(err)
			}
		}
	}
}
