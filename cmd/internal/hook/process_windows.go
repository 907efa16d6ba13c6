package hook

import "os/exec"

// inGroup does nothing: Windows has no process groups of this kind, and only the command itself is ended.
func inGroup(*exec.Cmd) {}

func endGroup(cmd *exec.Cmd, _ bool) { _ = cmd.Process.Kill() }

func lockThread() (unlock func()) { return func() {} }
