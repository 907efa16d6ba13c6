package backup

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/pleatdb/pleat/inspect/shadow/server"
)

// tools are pg_dump and pg_restore of one installation.
type tools struct {
	dump, restore string
	major         int
	version       string
}

// findTools looks for a pg_dump of the server's major version, or else of the next newer one, with its pg_restore beside it. An older
// pg_dump refuses a newer server (documentation of pg_dump, "Notes").
func findTools(ctx context.Context, major int) (*tools, error) {
	var best *tools
	var found []string
	for _, dir := range server.BinDirs() {
		t, err := examine(ctx, dir)
		if err != nil {
			continue
		}
		found = append(found, t.version+" in "+dir)
		if t.major >= major && (best == nil || t.major < best.major) {
			best = t
		}
	}
	if best != nil {
		return best, nil
	}
	reason := "none was found"
	if len(found) > 0 {
		reason = "found " + strings.Join(found, ", ")
	}
	return nil, &Error{Doing: "find pg_dump and pg_restore", Reason: fmt.Sprintf("the server's major version is %d, and %s", major, reason),
		Next: fmt.Sprintf("install the client programs of PostgreSQL %d or newer (Debian: postgresql-client-%d; macOS: brew install libpq), or say where they are: PLEAT_POSTGRES_BIN", major, major)}
}

func examine(ctx context.Context, dir string) (*tools, error) {
	suffix := ""
	if runtime.GOOS == "windows" {
		suffix = ".exe"
	}
	t := &tools{dump: filepath.Join(dir, "pg_dump"+suffix), restore: filepath.Join(dir, "pg_restore"+suffix)}
	if _, err := os.Stat(t.restore); err != nil {
		return nil, err
	}
	out, err := exec.CommandContext(ctx, t.dump, "--version").Output()
	if err != nil {
		return nil, fmt.Errorf("ask %s for its version: %w", t.dump, err)
	}
	_, version, ok := strings.Cut(strings.TrimSpace(string(out)), "(PostgreSQL) ")
	digits := strings.IndexFunc(version+" ", func(r rune) bool { return r < '0' || r > '9' })
	if t.major, err = strconv.Atoi(version[:digits]); !ok || err != nil {
		return nil, fmt.Errorf("read the version of %s: %q is not PostgreSQL's form", t.dump, out)
	}
	t.version = "pg_dump " + version
	return t, nil
}

// libpq is the environment and the password file of a program that connects. It must be closed.
type libpq struct {
	env []string
	dir string
}

// libpq is the login of our own connection, which may be good for this process alone: its user, and a file with its password that only
// this user of the system can read.
func (a *Access) libpq(ours *pgx.ConnConfig) (*libpq, error) {
	password := ours.Password
	l := &libpq{env: append(append([]string{}, a.Env...), "PGUSER="+ours.User)}
	if password == "" {
		// A file that is not there keeps the program from the user's own, which may hold something else.
		l.env = append(l.env, "PGPASSFILE="+os.DevNull)
		return l, nil
	}
	if strings.ContainsAny(password, "\n\r\x00") {
		return nil, errors.New("give a program the password: a password file cannot hold one of more than one line")
	}
	dir, err := os.MkdirTemp("", "pleat-access-") // of mode 0700
	if err != nil {
		return nil, fmt.Errorf("give a program the password: %w", err)
	}
	l.dir = dir
	f, err := create(dir, "pgpass")
	if err == nil {
		_, err = fmt.Fprintf(f, "*:*:*:*:%s\n", strings.NewReplacer(`\`, `\\`, `:`, `\:`).Replace(password))
		err = errors.Join(err, f.Close())
	}
	if err != nil {
		l.close()
		return nil, fmt.Errorf("give a program the password: %w", err)
	}
	l.env = append(l.env, "PGPASSFILE="+filepath.Join(dir, "pgpass"))
	return l, nil
}

func (l *libpq) close() {
	if l.dir != "" {
		_ = os.RemoveAll(l.dir)
	}
}

// inherited is our own environment without what libpq would read, as a program connects where we do and nowhere else, and without what
// is said to pleat alone: connection strings and values of variables.
func inherited() (out []string) {
	for _, pair := range os.Environ() {
		name, _, _ := strings.Cut(pair, "=")
		libpqs := strings.HasPrefix(name, "PG") && !strings.HasPrefix(name, "PG_COLOR")
		if !libpqs && !strings.HasPrefix(name, "PLEAT_") && name != "DATABASE_URL" {
			out = append(out, pair)
		}
	}
	return out
}

// program runs one of PostgreSQL's programs. What it says about a failure is in the error.
func program(ctx context.Context, env []string, in io.Reader, out io.Writer, path string, args ...string) error {
	c := exec.CommandContext(ctx, path, args...)
	group(c)
	c.WaitDelay = 10 * time.Second
	var complaint tail
	c.Stdin, c.Stdout, c.Stderr = in, out, &complaint
	c.Env = append(append(inherited(), "LC_ALL=C", "PGCLIENTENCODING=UTF8"), env...)
	if err := runOnThread(c); err != nil {
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		return fmt.Errorf("run %s: %w%s", filepath.Base(path), err, complaint.text())
	}
	return nil
}

// runOnThread runs a program while its goroutine stays on one thread, as dieWithUs asks for.
func runOnThread(c *exec.Cmd) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	return c.Run()
}

// tail keeps the end of what a program complains about.
type tail struct{ b []byte }

// Write keeps the last bytes.
func (t *tail) Write(p []byte) (int, error) {
	const most = 2000
	if t.b = append(t.b, p...); len(t.b) > most {
		t.b = t.b[len(t.b)-most:]
	}
	return len(p), nil
}

func (t *tail) text() string {
	text := string(bytes.TrimSpace(t.b))
	if text == "" {
		return ""
	}
	return ": " + strings.Join(strings.Fields(text), " ")
}
