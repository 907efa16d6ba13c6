//go:build unix

package pgtest

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// PoolMode says when PgBouncer gives a server's session to somebody else.
type PoolMode string

// The modes that are of interest to a lock.
const (
	PoolTransaction PoolMode = "transaction"
	PoolSession     PoolMode = "session"
)

// Pooler starts a PgBouncer in front of the server of a database and gives the connection string of that database through it. The
// test is skipped where there is no PgBouncer; .ci/prepare pgbouncer installs one.
func Pooler(t testing.TB, database string, mode PoolMode) string {
	t.Helper()
	path, err := exec.LookPath("pgbouncer")
	if err != nil {
		if path, err = exec.LookPath("/usr/sbin/pgbouncer"); err != nil {
			t.Skip("no pgbouncer for the test: bash .ci/prepare pgbouncer")
		}
	}
	dir, err := os.MkdirTemp("", "pgb")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	config, err := pgx.ParseConfig(database)
	if err != nil {
		t.Fatal(err)
	}
	ini := filepath.Join(dir, "ini")
	text := fmt.Sprintf("[databases]\n* = host=%s port=%d\n[pgbouncer]\nlisten_addr =\nlisten_port = 6432\nunix_socket_dir = %s\nauth_type = trust\nauth_file = %s/users\n"+
		"pool_mode = %s\ndefault_pool_size = 90\nmax_client_conn = 900\nlogfile = %s/log\npidfile = %s/pid\n", config.Host, config.Port, dir, dir, mode, dir, dir)
	users := fmt.Sprintf("\"%s\" \"%s\"\n", config.User, config.Password)
	for name, content := range map[string]string{ini: text, filepath.Join(dir, "users"): users} {
		if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	c := exec.Command(path, "-q", ini)
	if os.Geteuid() == 0 { // it refuses to run as root
		if c.SysProcAttr, err = lesser(dir); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Process.Kill(); _ = c.Wait() })
	through := url.URL{Scheme: "postgres", User: url.User(config.User), Path: "/" + config.Database,
		RawQuery: url.Values{"host": {dir}, "port": {"6432"}, "sslmode": {"disable"}}.Encode()}
	awaitPooler(t, through.String(), dir)
	return through.String()
}

// lesser makes a process run as a user other than root and lets that user write to the directory.
func lesser(dir string) (*syscall.SysProcAttr, error) {
	u, err := user.Lookup("postgres")
	if err != nil {
		if u, err = user.Lookup("nobody"); err != nil {
			return nil, err
		}
	}
	uid, err := strconv.Atoi(u.Uid)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.Atoi(u.Gid)
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		return nil, err
	}
	return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}, os.Chown(dir, uid, gid)
}

func awaitPooler(t testing.TB, through, dir string) {
	t.Helper()
	var err error
	for deadline := time.Now().Add(limit); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		var conn *pgx.Conn
		if conn, err = pgx.Connect(context.Background(), through); err == nil {
			_ = conn.Close(context.Background())
			return
		}
	}
	log, _ := os.ReadFile(filepath.Join(dir, "log"))
	t.Fatalf("pgbouncer does not answer: %v\n%s", err, strings.TrimSpace(string(log)))
}
