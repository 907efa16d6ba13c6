//go:build unix && !linux

package backup

import "syscall"

// dieWithUs is for systems that can end a program with the one that started it. Elsewhere one that is left behind ends when nobody reads what it
// writes, or by itself.
func dieWithUs(*syscall.SysProcAttr) {}
