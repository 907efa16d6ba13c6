package backup

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/pleatdb/pleat/apply"
	"github.com/pleatdb/pleat/history"
	"github.com/pleatdb/pleat/history/migration"
	"github.com/pleatdb/pleat/inspect/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// site is a database with a taker of backups.
type site struct {
	t      *testing.T
	url    string
	taker  *Taker
	notes  []string
	copies int
}

func newSite(t *testing.T, script string) *site {
	t.Helper()
	s := &site{t: t, url: pgtest.URL(t)}
	s.exec(script)
	s.taker = &Taker{
		Settings: Settings{Dir: filepath.Join(t.TempDir(), "backups"), Rows: true, Point: PointOff},
		Connect:  func(ctx context.Context) (*pgx.Conn, error) { return pgx.Connect(ctx, s.url) },
		Access:   Access{Env: environment(t, s.url)},
		Tool:     "pleat test", Now: time.Now,
		Progress: func(string) {}, Warn: func(text string) { s.notes = append(s.notes, text) }, Output: func(line string) { s.notes = append(s.notes, line) },
	}
	return s
}

func environment(t *testing.T, url string) []string {
	t.Helper()
	c, err := pgconn.ParseConfig(url)
	if err != nil {
		t.Fatal(err)
	}
	return []string{"PGHOST=" + c.Host, fmt.Sprintf("PGPORT=%d", c.Port), "PGUSER=" + c.User, "PGDATABASE=" + c.Database}
}

func (s *site) exec(sql string) {
	s.t.Helper()
	if sql != "" {
		pgtest.Exec(s.t, s.url, sql)
	}
}

// rows is what a query gives, a line a row.
func (s *site) rows(sql string) string {
	s.t.Helper()
	conn, err := pgx.Connect(s.t.Context(), s.url)
	if err != nil {
		s.t.Fatal(err)
	}
	defer conn.Close(context.Background())
	results, err := conn.PgConn().Exec(s.t.Context(), sql).ReadAll()
	if err != nil {
		s.t.Fatalf("%s: %v", sql, err)
	}
	var out []string
	for _, row := range results[len(results)-1].Rows {
		var cells []string
		for _, cell := range row {
			if cell == nil {
				cells = append(cells, "NULL")
			} else {
				cells = append(cells, string(cell))
			}
		}
		out = append(out, strings.Join(cells, "|"))
	}
	return strings.Join(out, "\n")
}

// run is an upcoming run of one hand-written file.
func (s *site) run(sql string) apply.Upcoming {
	s.t.Helper()
	s.copies++
	name := fmt.Sprintf("202611200000%02d_change.sql", s.copies)
	m, err := migration.Parse(name, []byte(sql))
	if err != nil {
		s.t.Fatal(err)
	}
	return apply.Upcoming{Run: history.NewRunID(time.Now()), Command: apply.CommandApply, Migrations: []*migration.Migration{m}}
}

// take takes the backup and then runs the statements.
func (s *site) take(sql string) (run string) {
	s.t.Helper()
	u := s.run(sql)
	events, err := s.taker.Prepare(s.t.Context(), u)
	if err != nil {
		s.t.Fatal(err)
	}
	if len(events) != 1 || events[0].Kind != history.Backup {
		s.t.Fatalf("events: %v", events)
	}
	s.exec(sql)
	return u.Run
}

// refused takes a backup that must not come about, and leaves nothing behind.
func (s *site) refused(sql string) string {
	s.t.Helper()
	before, _ := filepath.Glob(filepath.Join(s.taker.Settings.Dir, "*-*"))
	_, err := s.taker.Prepare(s.t.Context(), s.run(sql))
	if err == nil {
		s.t.Fatal("the backup came about")
	}
	left, _ := filepath.Glob(filepath.Join(s.taker.Settings.Dir, "*-*"))
	if len(left) > len(before) {
		s.t.Errorf("left behind: %v", left)
	}
	return err.Error()
}

// log makes the log with one event in it.
func (s *site) log(e history.Event) {
	s.t.Helper()
	conn, err := pgx.Connect(s.t.Context(), s.url)
	if err != nil {
		s.t.Fatal(err)
	}
	defer conn.Close(context.Background())
	log := history.Open(conn)
	err = pgx.BeginFunc(s.t.Context(), conn, func(tx pgx.Tx) error {
		if err := log.Create(s.t.Context(), tx, history.Event{Run: e.Run}); err != nil {
			return err
		}
		_, err := log.Append(s.t.Context(), tx, e)
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *site) restorer() *Restorer {
	return &Restorer{Connect: s.taker.Connect, Dir: s.taker.Settings.Dir, Tool: "pleat test", Progress: func(string) {}}
}

func (s *site) restore(req Request) *Plan {
	s.t.Helper()
	p, err := s.restorer().Run(s.t.Context(), req)
	if err != nil {
		s.t.Fatal(err)
	}
	return p
}

// needDump skips a test where there is no pg_dump for the test's server.
func (s *site) needDump() {
	s.t.Helper()
	if _, err := findTools(s.t.Context(), pgtest.Server(s.t).Major()); err != nil {
		s.t.Skipf("no pg_dump for the test: %v", err)
	}
	s.taker.Settings.Dump = true
}

func wantText(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if !strings.Contains(text, p) {
			t.Errorf("%q does not say %q", text, p)
		}
	}
}

func equal(t *testing.T, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

func modes(t *testing.T, dir string) map[string]os.FileMode {
	t.Helper()
	out := map[string]os.FileMode{}
	err := filepath.Walk(dir, func(path string, info os.FileInfo, err error) error {
		if err == nil {
			out[path] = info.Mode()
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}
