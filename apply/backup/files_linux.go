package backup

import "syscall"

// dieWithUs has the kernel end a program when the thread that started it ends, so that a killed pleat leaves no pg_dump behind that holds locks.
// Whoever starts it must keep its goroutine on its thread until the program ended (prctl(2), PR_SET_PDEATHSIG).
func dieWithUs(a *syscall.SysProcAttr) { a.Pdeathsig = syscall.SIGKILL }
