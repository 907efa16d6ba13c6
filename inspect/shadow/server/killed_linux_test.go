package server

import (
	"bufio"
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// childMode makes the test binary start a server and wait to be killed, instead of running tests.
const childMode = "PLEAT_SERVER_TEST_CHILD"

func TestMain(m *testing.M) {
	if os.Getenv(childMode) == "" {
		m.Run()
		return
	}
	s, err := Start(context.Background(), Options{Want: "local", Dir: os.Getenv("PLEAT_SERVER_TEST_DIR")})
	if err != nil {
		fmt.Println("error", err)
		return
	}
	fmt.Println(s.URL(""))
	<-s.Done()
}

// startChild starts a server in another process and returns that and the server's directory.
func startChild(t *testing.T, dir string) (*exec.Cmd, string) {
	t.Helper()
	if len(Installed(context.Background())) == 0 {
		t.Skip("no server binaries on this machine")
	}
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), childMode+"=1", "PLEAT_SERVER_TEST_DIR="+dir)
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = child.Process.Kill(); _ = child.Wait() })
	line, _ := bufio.NewReader(out).ReadString('\n')
	u, err := url.Parse(strings.TrimSpace(line))
	if err != nil || u.Scheme != "postgres" {
		t.Fatalf("the child said %q", line)
	}
	return child, u.Query().Get("host")
}

// segment is the shared memory that a postmaster made: line 7 of postmaster.pid holds key and number.
func segment(t *testing.T, dir string) (pid, number string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "data", "postmaster.pid"))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(text), "\n")
	return lines[0], strings.Fields(lines[6])[1]
}

func segmentExists(t *testing.T, number string) bool {
	t.Helper()
	text, err := os.ReadFile("/proc/sysvipc/shm")
	if err != nil {
		t.Skip(err)
	}
	for _, line := range strings.Split(string(text), "\n") {
		if fields := strings.Fields(line); len(fields) > 1 && fields[1] == number {
			return true
		}
	}
	return false
}

// TestKilledOwnerLeavesNothing: no process, no shared memory, no directory, in whatever way the owner became another user.
func TestKilledOwnerLeavesNothing(t *testing.T) {
	closed := filepath.Join(t.TempDir(), "closed")
	if err := os.Mkdir(closed, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ name, dir string }{{"place of its own", ""}, {"directory that only root enters", filepath.Join(closed, "s")}} {
		t.Run(test.name, func(t *testing.T) {
			if test.dir != "" && os.Geteuid() != 0 {
				t.Skip("needs root")
			}
			child, dir := startChild(t, test.dir)
			pid, number := segment(t, dir)
			if !segmentExists(t, number) {
				t.Fatalf("segment %s is not there while the server runs", number)
			}
			if err := child.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			_ = child.Wait()
			gone := func() bool {
				_, process := os.Stat("/proc/" + pid)
				_, room := os.Stat(dir)
				return os.IsNotExist(process) && os.IsNotExist(room) && !segmentExists(t, number)
			}
			for range 200 {
				if gone() {
					return
				}
				time.Sleep(50 * time.Millisecond)
			}
			t.Errorf("process %s, directory %s or segment %s outlived the owner", pid, dir, number)
		})
	}
}

func TestUserNamespace(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root")
	}
	closed := filepath.Join(t.TempDir(), "closed")
	if err := os.Mkdir(closed, 0o700); err != nil {
		t.Fatal(err)
	}
	s, err := Start(context.Background(), Options{Want: "local", Dir: filepath.Join(closed, "s")})
	if err != nil && strings.Contains(err.Error(), "operation not permitted") {
		t.Skipf("user namespaces are forbidden here: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	exercise(t, s)
}
