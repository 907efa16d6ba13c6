//go:build unix

package hook

import (
	"os/exec"
	"syscall"
)

// inGroup lets the command lead a process group, so that its children end with it.
func inGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = attributes()
}

// endGroup asks the process group to end, or kills it.
func endGroup(cmd *exec.Cmd, kill bool) {
	signal := syscall.SIGTERM
	if kill {
		signal = syscall.SIGKILL
	}
	_ = syscall.Kill(-cmd.Process.Pid, signal) // it may be gone already
}
