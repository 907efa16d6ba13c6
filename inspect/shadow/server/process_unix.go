//go:build unix && !linux

package server

import "syscall"

// canNamespace: user namespaces are Linux's.
const canNamespace = false

// childAttributes are those of every process started here: its own process group and the identity. There is no
// parent-death signal here: the watcher of the room ends the server in its place.
func (id identity) childAttributes(bool) *syscall.SysProcAttr {
	attributes := &syscall.SysProcAttr{Setpgid: true}
	if id.drop {
		attributes.Credential = &syscall.Credential{Uid: uint32(id.uid), Gid: uint32(id.gid)}
	}
	return attributes
}
