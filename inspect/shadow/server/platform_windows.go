package server

import (
	"io/fs"
	"math"
	"net"
	"os"
	"os/exec"
	"syscall"
	"time"

	"golang.org/x/sys/windows"
)

// canNamespace: user namespaces are Linux's.
const canNamespace = false

func (id identity) childAttributes(bool) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{CreationFlags: windows.CREATE_NEW_PROCESS_GROUP}
}

// quit asks for PostgreSQL's immediate shutdown; signals go through pg_ctl here, which speaks the server's named pipe.
func (p *postmaster) quit(in Installation, data string) error {
	return exec.Command(in.program("pg_ctl"), "stop", "-m", "immediate", "-D", data).Run()
}

// ownedByMe: the temporary directory is the user's own here.
func ownedByMe(fs.FileInfo) bool { return true }

// watch does nothing here: what a killed owner leaves is swept by a later start, once its server has ended.
func (r *room) watch(identity) {}

// lockMode is how a file is locked.
type lockMode uint32

const (
	shared    lockMode = 0
	exclusive lockMode = windows.LOCKFILE_EXCLUSIVE_LOCK
)

// lockFile waits for a lock on the file at path, made when absent. The lock ends with unlock or with the process.
func lockFile(path string, mode lockMode) (unlock func(), err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := windows.LockFileEx(windows.Handle(f.Fd()), uint32(mode), 0, 1, 0, &windows.Overlapped{}); err != nil {
		f.Close()
		return nil, err
	}
	return func() { f.Close() }, nil
}

// tryLock takes the exclusive lock on the file at path at once or fails.
func tryLock(path string) (unlock func(), err error) {
	return lockFile(path, exclusive|windows.LOCKFILE_FAIL_IMMEDIATELY)
}

func dialUnix(path string, limit time.Duration) (net.Conn, error) {
	return net.DialTimeout("unix", path, limit)
}

// freeBytes: a full disk shows itself here when it is met.
func freeBytes(dir string) uint64 {
	if _, err := os.Stat(dir); err != nil {
		return 0
	}
	return math.MaxUint64
}
