package server

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// roomPrefix begins the name of every directory that a server runs in.
const roomPrefix = "pleat-"

// roomNeeded is the free space in bytes below which a file system is no place for a server: ten times a fresh cluster.
const roomNeeded = 300 << 20

// settleTime is the age below which a room may be one whose owner has not taken its lock yet.
const settleTime = 2 * time.Second

// room is the directory that one server runs in: data, socket, log, and a lock that is held while its owner lives.
type room struct {
	dir     string
	unlock  func()
	dismiss func()
}

func (r *room) data() string { return filepath.Join(r.dir, "data") }
func (r *room) log() string  { return filepath.Join(r.dir, "log") }

// newRoom makes a room at dir, or at a place of its own choice for "".
func newRoom(dir string) (*room, error) {
	dir, err := makeRoomDir(dir)
	if err != nil {
		return nil, err
	}
	unlock, err := tryLock(filepath.Join(dir, "lock"))
	if err != nil {
		return nil, fmt.Errorf("lock directory %s: %w", dir, err)
	}
	return &room{dir: dir, unlock: unlock, dismiss: func() {}}, nil
}

func makeRoomDir(dir string) (string, error) {
	if dir == "" {
		for _, place := range places() {
			if made, err := os.MkdirTemp(place, roomPrefix); err == nil {
				return made, nil
			}
		}
		return "", errors.New("make directory for the server: none of the temporary directories can be written to")
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("make directory for the server: %w", err)
	}
	if !socketFits(dir) {
		return "", fmt.Errorf("make directory for the server: the path %s is too long for a Unix socket in it", dir)
	}
	// The server may run as another user, who has to pass through the parents.
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return "", fmt.Errorf("make directory for the server: %w", err)
	}
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return "", fmt.Errorf("make directory for the server: %w", err)
	}
	return dir, emptyRoom(dir)
}

// emptyRoom removes what a dead server left in a directory that a person named; anything else in it is refused.
func emptyRoom(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) == 0 {
		return err
	}
	if !abandoned(dir) {
		return fmt.Errorf("make directory for the server: %s is neither empty nor left over from a dead one", dir)
	}
	if err := os.RemoveAll(dir); err != nil {
		return fmt.Errorf("remove left-over directory: %w", err)
	}
	return os.Mkdir(dir, 0o700)
}

// places are where rooms may be made, the best first: memory, then temporary files.
func places() []string {
	var fit []string
	for _, place := range []string{"/dev/shm", os.TempDir(), "/tmp"} {
		if socketFits(filepath.Join(place, roomPrefix+"0123456789")) && freeBytes(place) >= roomNeeded {
			fit = append(fit, place)
		}
	}
	return fit
}

// close removes the room. The server in it must have ended.
func (r *room) close() error {
	err := os.RemoveAll(r.dir)
	r.unlock()
	r.dismiss()
	if err != nil {
		return fmt.Errorf("remove directory of the server: %w", err)
	}
	return nil
}

// sweep removes the rooms whose owner died without a chance to do so, as after a power cut.
func sweep() {
	for _, place := range places() {
		left, _ := filepath.Glob(filepath.Join(place, roomPrefix+"*"))
		for _, dir := range left {
			if abandoned(dir) {
				_ = os.RemoveAll(dir)
			}
		}
	}
}

// abandoned reports whether dir is a room of this user whose owner is gone and in which no server answers.
func abandoned(dir string) bool {
	lock := filepath.Join(dir, "lock")
	info, err := os.Lstat(lock)
	if err != nil || !info.Mode().IsRegular() || !ownedByMe(info) {
		return false
	}
	if time.Since(info.ModTime()) < settleTime {
		return false
	}
	if info, err := os.Lstat(dir); err != nil || !info.IsDir() {
		return false
	}
	unlock, err := tryLock(lock)
	if err != nil {
		return false
	}
	defer unlock()
	return !answers(dir)
}

// answers reports whether a server listens on a socket in dir.
func answers(dir string) bool {
	sockets, _ := filepath.Glob(filepath.Join(dir, ".s.PGSQL.*[0-9]"))
	for _, socket := range sockets {
		if conn, err := dialUnix(socket, time.Second); err == nil {
			conn.Close()
			return true
		}
	}
	return false
}
