//go:build unix

package backup

import (
	"os"
	"os/exec"
	"syscall"
)

// modesMatter tells that the bits of a file's mode say who can read it.
const modesMatter = true

// group starts a command in a process group of its own, so that ending it ends what it started.
func group(c *exec.Cmd) {
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	dieWithUs(c.SysProcAttr)
	c.Cancel = func() error { return syscall.Kill(-c.Process.Pid, syscall.SIGKILL) }
}

// syncDir brings a rename to the disk. A file system that cannot do this has nothing that would be lost.
func syncDir(dir string) {
	if f, err := os.Open(dir); err == nil {
		_ = f.Sync()
		_ = f.Close()
	}
}
