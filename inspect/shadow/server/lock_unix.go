//go:build unix

package server

import (
	"errors"
	"net"
	"os"
	"syscall"
	"time"
)

// lockMode is how a file is locked.
type lockMode int

const (
	shared    = lockMode(syscall.LOCK_SH)
	exclusive = lockMode(syscall.LOCK_EX)
)

// lockFile waits for a lock on the file at path, made when absent. The lock ends with unlock or with the process.
func lockFile(path string, mode lockMode) (unlock func(), err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	for {
		err = syscall.Flock(int(f.Fd()), int(mode))
		if !errors.Is(err, syscall.EINTR) {
			break
		}
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return func() { f.Close() }, nil
}

// tryLock takes the exclusive lock on the file at path at once or fails.
func tryLock(path string) (unlock func(), err error) {
	return lockFile(path, exclusive|syscall.LOCK_NB)
}

func dialUnix(path string, limit time.Duration) (net.Conn, error) {
	return net.DialTimeout("unix", path, limit)
}

// freeBytes is the space that this user can fill on the file system of dir; 0 where there is no such directory.
func freeBytes(dir string) uint64 {
	var stat syscall.Statfs_t
	if err := syscall.Statfs(dir, &stat); err != nil {
		return 0
	}
	return uint64(stat.Bavail) * uint64(stat.Bsize)
}
