package backup

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/pleatdb/pleat/inspect/pgtest"
)

const noise = `CREATE TABLE noise (id int PRIMARY KEY, v text); INSERT INTO noise SELECT i, md5(i::text) || md5(random()::text) FROM generate_series(1, 20000) i;`

func TestACutArchiveIsCaught(t *testing.T) {
	s := newSite(t, noise)
	s.needDump()
	run := s.take("DELETE FROM noise")
	dir := filepath.Join(s.taker.Settings.Dir, run)
	m, _, err := readManifest(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(m.Files) != 2 || len(m.Tables) != 1 || m.Tables[0].Data[0].Rows != 20000 {
		t.Fatalf("manifest: %+v", m)
	}
	tools, err := findTools(t.Context(), pgtest.Server(t).Major())
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, tablesArchive)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []int{len(whole) / 2, len(whole) - 1, 10, 0} {
		if err := os.WriteFile(path, whole[:part], 0o600); err != nil {
			t.Fatal(err)
		}
		if err := readArchive(t.Context(), tools, path); err == nil {
			// The last byte may be no data; then the rows themselves are what is counted.
			toc, err := contents(t.Context(), tools, path)
			if err == nil {
				err = readData(t.Context(), tools, path, toc, &m.Tables[0].Data[0], &counter{})
			}
			if err == nil {
				t.Errorf("%d of %d bytes were read back without an error", part, len(whole))
			}
		}
	}
	_, err = s.restorer().Plan(t.Context(), Request{Run: run, Into: "beside"})
	if err == nil {
		t.Fatal("a file that is not as it was written was restored from")
	}
	wantText(t, err.Error(), "is not as it was written", "must not be restored from")
}

func TestFilesAreForTheirOwnerOnly(t *testing.T) {
	s := newSite(t, noise)
	s.needDump()
	s.take("DELETE FROM noise")
	for path, mode := range modes(t, s.taker.Settings.Dir) {
		if mode.Perm()&0o077 != 0 {
			t.Errorf("%s: mode %v", path, mode)
		}
	}
	if err := os.Chmod(s.taker.Settings.Dir, 0o755); err != nil {
		t.Fatal(err)
	}
	_, err := s.taker.Prepare(t.Context(), s.run("DELETE FROM noise"))
	if err == nil {
		t.Fatal("a directory that others can read was written to")
	}
	wantText(t, err.Error(), "can be read by others", "chmod 700")
}

// wrapped puts programs of PostgreSQL before the real ones, each with a line of shell that runs first.
func wrapped(t *testing.T, line string) {
	t.Helper()
	real, err := findTools(t.Context(), pgtest.Server(t).Major())
	if err != nil {
		t.Skipf("no pg_dump for the test: %v", err)
	}
	dir := t.TempDir()
	for name, path := range map[string]string{"pg_dump": real.dump, "pg_restore": real.restore} {
		script := "#!/bin/sh\n" + "exec " + path + " \"$@\"\n"
		if name == "pg_dump" {
			script = "#!/bin/sh\n[ \"$1\" = --version ] || { " + line + "; }\nexec " + path + " \"$@\"\n"
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(script), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PLEAT_POSTGRES_BIN", dir)
}

func TestAFullDiskStopsTheRun(t *testing.T) {
	s := newSite(t, noise)
	s.needDump()
	wrapped(t, "case \"$*\" in *schema-only*) ;; *) trap '' XFSZ; ulimit -f 100;; esac")
	wantText(t, s.refused("DELETE FROM noise"), "write tables.dump", "run pg_dump")
	equal(t, s.rows("SELECT count(*) FROM noise"), "20000")
	equal(t, s.rows("SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname = 'pleat_backup' AND relkind = 'r'"), "1")
}

func TestNoPasswordInArgumentsNorLeftBehind(t *testing.T) {
	a := Access{Env: []string{"PGHOST=x"}}
	login := func(password string) *pgx.ConnConfig {
		return &pgx.ConnConfig{Config: pgconn.Config{User: "me", Password: password}}
	}
	l, err := a.libpq(login(`s3:cr\et`))
	if err != nil {
		t.Fatal(err)
	}
	path := strings.TrimPrefix(l.env[len(l.env)-1], "PGPASSFILE=")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, string(text), `*:*:*:*:s3\:cr\\et`+"\n")
	for p, mode := range modes(t, filepath.Dir(path)) {
		if mode.Perm()&0o077 != 0 {
			t.Errorf("%s: mode %v", p, mode)
		}
	}
	l.close()
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Errorf("the password file stays: %v", err)
	}
	if _, err := a.libpq(login("two\nlines")); err == nil {
		t.Error("a password of two lines was written")
	}
}

func TestWhatToInstall(t *testing.T) {
	_, err := findTools(t.Context(), 99)
	if err == nil {
		t.Fatal("there is a pg_dump of version 99")
	}
	wantText(t, err.Error(), "the server's major version is 99", "install the client programs of PostgreSQL 99 or newer", "PLEAT_POSTGRES_BIN")
}

// limited is the site as seen by a role without rights.
func limited(t *testing.T, s *site, grants string) {
	t.Helper()
	role := "limited_" + strings.ReplaceAll(s.rows("SELECT current_database()"), "-", "_")
	s.exec("CREATE ROLE " + role + "; " + strings.ReplaceAll(grants, "ROLE", role))
	t.Cleanup(func() { s.exec("DROP OWNED BY " + role + " CASCADE; DROP ROLE " + role) })
	s.taker.Access.Role = role
	s.taker.Connect = func(ctx context.Context) (*pgx.Conn, error) {
		conn, err := pgx.Connect(ctx, s.url)
		if err == nil {
			_, err = conn.Exec(ctx, "SET ROLE "+role)
		}
		return conn, err
	}
}

func TestARoleWithoutRights(t *testing.T) {
	t.Run("no room for copies", func(t *testing.T) {
		s := newSite(t, noise)
		limited(t, s, "GRANT SELECT ON noise TO ROLE")
		wantText(t, s.refused("DELETE FROM noise"), "make the schema pleat_backup", "GRANT CREATE ON DATABASE")
	})
	t.Run("may not read", func(t *testing.T) {
		s := newSite(t, noise)
		limited(t, s, "DO $$ BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO ROLE', current_database()); END $$")
		wantText(t, s.refused("DELETE FROM noise"), "copy the rows of public.noise", "GRANT SELECT ON public.noise")
	})
	t.Run("may not dump", func(t *testing.T) {
		s := newSite(t, noise)
		s.needDump()
		s.taker.Settings.Rows = false
		limited(t, s, "")
		wantText(t, s.refused("DELETE FROM noise"), "run pg_dump", "permission denied")
	})
	t.Run("no restore point", func(t *testing.T) {
		s := newSite(t, noise)
		limited(t, s, "")
		s.taker.Settings.Rows, s.taker.Settings.Dump, s.taker.Settings.Command = false, false, []string{"true"}
		s.taker.Settings.Point = PointWanted
		text := s.refused("DELETE FROM noise")
		if s.rows("SHOW wal_level") == "minimal" {
			wantText(t, text, "wal_level is minimal")
		} else {
			wantText(t, text, "GRANT EXECUTE ON FUNCTION pg_catalog.pg_create_restore_point(text)")
		}
		s.taker.Settings.Point = PointAuto
		s.take("DELETE FROM noise")
	})
	t.Run("somebody else's schema", func(t *testing.T) {
		s := newSite(t, noise)
		s.exec("CREATE SCHEMA pleat_backup")
		limited(t, s, "GRANT ALL ON SCHEMA pleat_backup TO ROLE; GRANT SELECT ON noise TO ROLE")
		wantText(t, s.refused("DELETE FROM noise"), "it belongs to another role")
	})
}
