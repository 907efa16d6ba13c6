//go:build unix

package server

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

// quit asks for PostgreSQL's immediate shutdown: no checkpoint, shared memory released.
func (p *postmaster) quit(Installation, string) error {
	err := p.process.Signal(syscall.SIGQUIT)
	if errors.Is(err, os.ErrProcessDone) {
		return nil
	}
	return err
}

// ownedByMe reports whether the file belongs to the user of this process: others can make files in shared directories.
func ownedByMe(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(stat.Uid) == os.Geteuid()
}
