package backup

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/pleatdb/pleat/history"
)

func TestOnlyRiskyRunsAreBackedUp(t *testing.T) {
	s := newSite(t, users+"CREATE FUNCTION clean() RETURNS void LANGUAGE sql AS 'DELETE FROM users'; CREATE MATERIALIZED VIEW m AS SELECT 1;")
	for _, sql := range []string{
		"ALTER TABLE users ADD COLUMN slug text DEFAULT 'x'", "CREATE INDEX i ON users (name)", "INSERT INTO users (name) VALUES ('new')",
		"CREATE FUNCTION f() RETURNS void LANGUAGE sql AS 'DELETE FROM users'", "CREATE TABLE other AS SELECT * FROM users", "SELECT set_config('a.b', 'c', true)",
		"CREATE EXTENSION IF NOT EXISTS plpgsql", "GRANT SELECT ON ALL TABLES IN SCHEMA public TO PUBLIC", "CREATE VIEW v AS SELECT clean()", "REFRESH MATERIALIZED VIEW m",
		"ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC", "COMMENT ON TABLE users IS 'x'", "SELECT pg_catalog.set_config('a', 'b', true)", "ALTER TABLE users ADD v int GENERATED ALWAYS AS (1) VIRTUAL",
	} {
		events, err := s.taker.Prepare(t.Context(), s.run(sql))
		if err != nil || len(events) > 0 {
			t.Errorf("%s: %v, %v", sql, events, err)
		}
	}
	s.taker.Force = true
	s.take("CREATE INDEX i ON users (name)")
	s.taker.Force, s.taker.Skip = false, "a snapshot of the volume was taken"
	events, err := s.taker.Prepare(t.Context(), s.run("DROP TABLE users"))
	if err != nil || len(events) != 1 || events[0].Kind != history.BackupSkipped || events[0].Detail["reason"] != s.taker.Skip {
		t.Errorf("%v, %v", events, err)
	}
}

func TestRewritesAreRisky(t *testing.T) {
	s := newSite(t, users)
	for _, sql := range []string{
		"ALTER TABLE users SET UNLOGGED", "ALTER TABLE users ADD COLUMN u uuid DEFAULT gen_random_uuid()", "ALTER TABLE users ADD COLUMN n serial", "CLUSTER users USING users_pkey",
		"ALTER TABLE users ADD COLUMN slug text; UPDATE users SET slug = name",
	} {
		events, err := s.taker.Prepare(t.Context(), s.run(sql))
		if err != nil || len(events) != 1 {
			t.Errorf("%s: %v, %v", sql, events, err)
		}
	}
}

func TestWhatNobodyCanTellIsRefusedByName(t *testing.T) {
	s := newSite(t, users+`CREATE FUNCTION clean() RETURNS void LANGUAGE sql AS 'DELETE FROM users'; CREATE PROCEDURE work() LANGUAGE sql AS 'DELETE FROM users';
		CREATE FUNCTION pure(text) RETURNS text LANGUAGE sql STABLE AS 'SELECT upper($1)'`)
	for sql, want := range map[string]string{
		"SELECT clean()": "the function clean", "CALL work()": "which may change any table",
		"DO $$ BEGIN EXECUTE 'DELETE FROM ' || 'users'; END $$": "a block of code", "DROP OWNED BY CURRENT_USER": "may change any table",
	} {
		wantText(t, s.refused(sql), want, "step 1, line 1", "--no-backup REASON")
	}
	s.take("UPDATE users SET name = pure(name)")
	equal(t, s.rows("SELECT columns FROM pleat_backup.copy"), "{name}")
	s.notes = nil
	s.take("DO $$ BEGIN PERFORM clean(); UPDATE users SET name = NULL; END $$")
	wantText(t, strings.Join(s.notes, "\n"), "not in the backup", "what the function clean changes")
}

func TestTooLarge(t *testing.T) {
	s := newSite(t, users)
	s.taker.Settings.MaxRows = 10
	wantText(t, s.refused("DELETE FROM users"), "public.users", "max_rows is 10")
	s.exec("ANALYZE")
	wantText(t, s.refused("DELETE FROM users"), "public.users", "max_rows is 10")
	s.taker.Settings.MaxRows, s.taker.Settings.MaxSize = 0, 100
	wantText(t, s.refused("DELETE FROM users"), "public.users", "max_size is 100")
	s.taker.Settings.SkipTooLarge = true
	s.take("DELETE FROM users")
	wantText(t, strings.Join(s.notes, "\n"), "not in the backup: public.users: its copy has about")
}

func TestNobodyElseReadsTheCopies(t *testing.T) {
	s := newSite(t, users+"ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO PUBLIC; ALTER DEFAULT PRIVILEGES GRANT ALL ON SCHEMAS TO PUBLIC;")
	run := s.take("DELETE FROM users")
	s.restore(Request{Run: run, Into: ""})
	s.exec("DROP TABLE users")
	s.restore(Request{Run: run})
	equal(t, s.rows(`SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace, aclexplode(relacl) a
		WHERE (nspname = 'pleat_backup' OR nspname LIKE 'pleat_restore%') AND grantee <> relowner`), "0")
	equal(t, s.rows("SELECT count(*) FROM pg_namespace n, aclexplode(nspacl) a WHERE (nspname = 'pleat_backup' OR nspname LIKE 'pleat_restore%') AND grantee <> nspowner"), "0")
}

func TestRetention(t *testing.T) {
	s := newSite(t, users)
	s.taker.Settings.Keep = 2
	needed := map[string]bool{}
	s.taker.Needed = func(context.Context, *pgx.Conn) (map[string]bool, error) { return needed, nil }
	var runs []string
	for range 4 {
		runs = append(runs, s.take("UPDATE users SET name = name || 'x'"))
	}
	needed["20261120000003"] = true
	for range 2 {
		runs = append(runs, s.take("UPDATE users SET name = name || 'x'"))
	}
	entries, _, err := s.restorer().List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		if e.Dir == "" || !e.InDatabase {
			t.Errorf("%s: files %q, in the database %t", e.Run, e.Dir, e.InDatabase)
		}
		got = append(got, e.Run)
	}
	equal(t, strings.Join(got, "\n"), strings.Join([]string{runs[5], runs[4], runs[2]}, "\n"))
	equal(t, s.rows("SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname = 'pleat_backup' AND relkind = 'r'"), "4")
}

func TestWhatWasKilledIsNoBackup(t *testing.T) {
	s := newSite(t, users)
	run := s.take("DELETE FROM users")
	dir := filepath.Join(s.taker.Settings.Dir, run)
	if err := os.Rename(dir, dir+partialSuffix); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(s.taker.Settings.Dir, "empty"), 0o700); err != nil {
		t.Fatal(err)
	}
	// What a run left that was killed before its end is no backup either, and goes with a later one.
	s.exec("UPDATE pleat_backup.copy SET complete = false, taken = taken - interval '2 days'")
	entries, _, err := s.restorer().List(t.Context())
	if err != nil || len(entries) != 0 {
		t.Errorf("%v, %v", entries, err)
	}
	defer func() {
		s.take("INSERT INTO users (name) VALUES ('x') ON CONFLICT (id) DO UPDATE SET name = 'y'")
		equal(t, s.rows("SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname = 'pleat_backup' AND relkind = 'r'"), "2")
	}()
	backups, partial, err := Store{s.taker.Settings.Dir}.List()
	if err != nil || len(backups) != 0 || len(partial) != 2 {
		t.Errorf("%v, %v, %v", backups, partial, err)
	}
}

func TestTheUsersCommand(t *testing.T) {
	s := newSite(t, users)
	out := filepath.Join(t.TempDir(), "out")
	settings := &s.taker.Settings
	settings.Rows, settings.Verify = false, []string{"test", "-s", out}
	settings.Command = []string{"sh", "-c", `env > "$0"; echo seen; echo kept > "$PLEAT_BACKUP_DIR/mine"; [ -f "$PGPASSFILE" ] || [ "$PGPASSFILE" = /dev/null ]`, out}
	t.Setenv("PGPASSWORD", "s3cret")
	run := s.take("DELETE FROM users")
	text, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	wantText(t, string(text), "PLEAT_RUN="+run, "PLEAT_VERSIONS=20261120000001", "PLEAT_COMMAND=apply", "PGDATABASE=", "PLEAT_LSN=")
	if strings.Contains(string(text), "s3cret") {
		t.Error("the command got a password in its environment")
	}
	wantText(t, strings.Join(s.notes, "\n"), "seen")
	m, _, err := readManifest(filepath.Join(settings.Dir, run))
	if err != nil || len(m.Files) != 1 || m.Files[0].Name != "mine" || m.Files[0].Size != 5 || m.Program != "sh" {
		t.Errorf("manifest: %+v, %v", m, err)
	}
	settings.Verify = []string{"false"}
	wantText(t, s.refused("DELETE FROM users"), "run the verify command false", "exit status 1")
	settings.Command = []string{"sh", "-c", "echo a s3cret >&2; exit 3"}
	text2 := s.refused("DELETE FROM users")
	wantText(t, text2, "run the backup command sh", "exit status 3")
	if strings.Contains(text2, "s3cret") {
		t.Error("what the command printed is in the error")
	}
	settings.Command, settings.Timeout = []string{"sh", "-c", "sleep 100 & wait"}, 200*time.Millisecond
	wantText(t, s.refused("DELETE FROM users"), "did not end within 200ms")
}
