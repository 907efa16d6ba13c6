//go:build unix

package textfile

import (
	"os"

	"golang.org/x/sys/unix"
)

// lock keeps other processes, and other targets of this one, from writing at the same time. The file of the lock stays: removing it
// would let two in.
func lock(path string) (unlock func(), err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX); err != nil {
		return nil, err
	}
	return func() { _ = f.Close() }, nil // closing gives the lock back
}
