package server

import "syscall"

// canNamespace: a user namespace makes root look like another user. Container runtimes often forbid it.
const canNamespace = true

// childAttributes are those of every process started here: its own process group, so that an interrupt typed at the terminal
// reaches pleat alone; the identity; and, for mortal ones, SIGQUIT (PostgreSQL's immediate shutdown, which
// leaves nothing in shared memory) when the starting thread ends. The caller keeps that thread.
func (id identity) childAttributes(mortal bool) *syscall.SysProcAttr {
	attributes := &syscall.SysProcAttr{Setpgid: true}
	if mortal {
		attributes.Pdeathsig = syscall.SIGQUIT
	}
	if id.drop {
		attributes.Credential = &syscall.Credential{Uid: uint32(id.uid), Gid: uint32(id.gid)}
	}
	if id.namespace {
		attributes.Cloneflags = syscall.CLONE_NEWUSER
		attributes.UidMappings = []syscall.SysProcIDMap{{ContainerID: id.uid, HostID: 0, Size: 1}}
		attributes.GidMappings = []syscall.SysProcIDMap{{ContainerID: id.gid, HostID: 0, Size: 1}}
	}
	return attributes
}
