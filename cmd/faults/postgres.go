package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/pleatdb/pleat/inspect/shadow/server"
)

// postgres is a server that can be crashed and started again. It listens on a Unix socket in its own directory.
type postgres struct {
	installation server.Installation
	dir          string
	owner        *owner
	process      *exec.Cmd
	ended        chan struct{} // closed when process has ended
}

// settings: no fsync, since only the server crashes here and never the machine; everything else is as it is delivered, less what
// works in the background at times of its own.
const settings = `
listen_addresses = ''
unix_socket_permissions = 0777
fsync = off
autovacuum = off
max_connections = 60
shared_buffers = 64MB
min_wal_size = 80MB
max_wal_size = 1GB
log_min_messages = fatal
log_checkpoints = off
`

// errNoServer is wrapped by errors that say that this machine has no server to try things on.
var errNoServer = errors.New("no PostgreSQL server binaries")

// newPostgres makes and starts a server of a major version; 0 is the newest installed one.
func newPostgres(ctx context.Context, major int) (*postgres, error) {
	binaries, err := findBinaries(ctx, major)
	if err != nil {
		return nil, err
	}
	who, err := serverOwner()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp(scratch(), "pleat-faults-")
	if err != nil {
		return nil, fmt.Errorf("make directory of the server: %w", err)
	}
	p := &postgres{installation: binaries, dir: dir, owner: who}
	if err := p.initialise(ctx); err != nil {
		p.close()
		return nil, err
	}
	return p, nil
}

// findBinaries finds installed ones, else those that a throw-away server has: package server fetches some where it may.
func findBinaries(ctx context.Context, major int) (in server.Installation, err error) {
	all := server.Installed(ctx)
	if i := slices.IndexFunc(all, func(in server.Installation) bool { return major == 0 || in.Major == major }); i >= 0 {
		return all[i], nil
	}
	s, err := server.Start(ctx, server.Options{Major: major})
	if err != nil {
		return in, fmt.Errorf("%w: %w", errNoServer, err)
	}
	defer func() { _ = s.Close() }() // what it leaves is swept by the next start
	rows, err := rowsOf(ctx, s.URL(""), "SELECT setting FROM pg_config WHERE name = 'BINDIR'")
	if err != nil {
		return in, fmt.Errorf("find server binaries: %w", err)
	}
	if _, err := os.Stat(filepath.Join(rows[0], "initdb")); err != nil {
		return in, fmt.Errorf("%w that can be run here: %s has them elsewhere", errNoServer, s.Describe())
	}
	return server.Installation{Bin: rows[0], Major: s.Major(), Version: s.Version(), Source: "throw-away"}, nil
}

// scratch is a directory in memory where there is one; data that is thrown away need not reach a disk.
func scratch() string {
	if info, err := os.Stat("/dev/shm"); err == nil && info.IsDir() {
		return "/dev/shm"
	}
	return ""
}

func (p *postgres) initialise(ctx context.Context) error {
	if err := errors.Join(os.Chmod(p.dir, 0o755), p.owner.own(p.dir)); err != nil {
		return fmt.Errorf("give the directory to the server: %w", err)
	}
	initdb := p.program(ctx, "initdb", "-D", p.data(), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "-N")
	if out, err := initdb.CombinedOutput(); err != nil {
		return fmt.Errorf("make a server: %w: %s", err, out)
	}
	conf, err := os.OpenFile(filepath.Join(p.data(), "postgresql.conf"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return fmt.Errorf("configure the server: %w", err)
	}
	_, err = fmt.Fprintf(conf, "%sunix_socket_directories = '%s'\n", settings, p.dir)
	if err = errors.Join(err, conf.Close()); err != nil {
		return fmt.Errorf("configure the server: %w", err)
	}
	return p.start(ctx)
}

func (p *postgres) data() string { return filepath.Join(p.dir, "data") }

// socket is the path that the server listens on.
func (p *postgres) socket() string { return filepath.Join(p.dir, ".s.PGSQL.5432") }

// url is for connections that are not disturbed.
func (p *postgres) url(database string) string {
	return fmt.Sprintf("postgres:///%s?host=%s&user=postgres", database, p.dir)
}

func (p *postgres) program(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, filepath.Join(p.installation.Bin, name), args...)
	cmd.Dir = p.dir
	cmd.Env = append(environment(), "TZ=UTC")
	cmd.SysProcAttr = p.owner.attributes()
	return cmd
}

// start starts the server and waits until it answers.
func (p *postgres) start(ctx context.Context) error {
	log, err := os.OpenFile(filepath.Join(p.dir, "log"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return fmt.Errorf("start the server: %w", err)
	}
	defer log.Close()
	cmd := p.program(context.WithoutCancel(ctx), "postgres", "-D", p.data())
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start the server: %w", err)
	}
	ended := make(chan struct{})
	p.process, p.ended = cmd, ended
	go func() {
		_ = cmd.Wait()
		close(ended)
	}()
	var last error
	for limit := time.Now().Add(time.Minute); time.Now().Before(limit); time.Sleep(10 * time.Millisecond) {
		select {
		case <-ended:
			text, _ := os.ReadFile(filepath.Join(p.dir, "log"))
			return fmt.Errorf("start the server: it ended: %s", tail(string(text), 5))
		default:
		}
		if last = execute(ctx, p.url("postgres"), "SELECT 1"); last == nil {
			return nil
		}
	}
	return fmt.Errorf("start the server: no answer: %w", last)
}

// crash stops the server at once, as "pg_ctl stop -m immediate" does: nobody says goodbye, and the next start recovers.
func (p *postgres) crash() {
	_ = p.process.Process.Signal(syscall.SIGQUIT)
	<-p.ended
}

func (p *postgres) close() {
	if p.process != nil {
		p.crash()
	}
	_ = os.RemoveAll(p.dir)
}

// execute runs a script of any number of statements. The statements of one call are one transaction unless they say otherwise.
func execute(ctx context.Context, url, sql string) error {
	_, err := rowsOf(ctx, url, sql)
	return err
}

// rowsOf runs a script and gives all rows of all its statements as text.
func rowsOf(ctx context.Context, url, sql string) ([]string, error) {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	results, err := conn.PgConn().Exec(ctx, sql).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("run script: %w", err)
	}
	var out []string
	for _, r := range results {
		for _, row := range r.Rows {
			cells := make([]string, len(row))
			for i, value := range row {
				cells[i] = string(value)
			}
			out = append(out, strings.Join(cells, " | "))
		}
	}
	return out, nil
}

// tail is the last n lines.
func tail(text string, n int) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}
