//go:build !linux

package main

import (
	"fmt"
	"os"
	"syscall"
)

// owner is the user as whom servers run: here that of this process.
type owner struct{}

func serverOwner() (*owner, error) {
	if os.Geteuid() == 0 {
		return nil, fmt.Errorf("run servers as root: PostgreSQL refuses to")
	}
	return nil, nil
}

func (*owner) own(string) error { return nil }

func (*owner) attributes() *syscall.SysProcAttr { return nil }
