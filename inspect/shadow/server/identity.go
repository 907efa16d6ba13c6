package server

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"runtime"
	"strconv"
)

// identity is the user as whom a server runs. The zero value is the user of this process. PostgreSQL refuses to
// run as root (src/backend/main/main.c, all versions), so that root must become somebody else.
type identity struct {
	name     string
	uid, gid int
	// drop: become uid and gid.
	drop bool
	// namespace: stay root for the system, but be seen as uid and gid from inside, by a user namespace (Linux).
	namespace bool
}

// own gives the file to the identity. In a namespace the files of root are seen as its own.
func (id identity) own(path string) error {
	if !id.drop {
		return nil
	}
	return os.Lchown(path, id.uid, id.gid)
}

// nobody is the user ID of "nobody" nearly everywhere, and has a name wherever initdb is to run: it looks that up.
const nobody = 65534

// chooseIdentity finds the first user as whom the binaries of in can really be run in dir, and gives dir to it. A user
// namespace comes last: it is still root's user ID to the rest of the machine.
func chooseIdentity(ctx context.Context, in Installation, dir string) (identity, error) {
	if os.Geteuid() != 0 {
		return identity{}, nil
	}
	var candidates []identity
	for _, name := range []string{"postgres", "nobody"} {
		if u, err := user.Lookup(name); err == nil {
			uid, uidErr := strconv.Atoi(u.Uid)
			gid, gidErr := strconv.Atoi(u.Gid)
			if uidErr == nil && gidErr == nil && uid != 0 {
				candidates = append(candidates, identity{name: name, uid: uid, gid: gid, drop: true})
			}
		}
	}
	if canNamespace {
		candidates = append(candidates, identity{name: "user namespace", uid: nobody, gid: nobody, namespace: true})
	}
	var failures []error
	for _, id := range candidates {
		err := tryIdentity(ctx, in, id, dir)
		if err == nil {
			return id, nil
		}
		failures = append(failures, fmt.Errorf("as %s: %w", id.name, err))
	}
	return identity{}, fmt.Errorf("become another user than root, as whom PostgreSQL does not run: %w", errors.Join(failures...))
}

// tryIdentity gives dir to id and runs a program of in there. A directory on the way that id cannot enter shows as
// "permission denied" on the program, even when it is the working directory.
func tryIdentity(ctx context.Context, in Installation, id identity, dir string) error {
	owner := id
	if !id.drop {
		owner = identity{drop: true, uid: os.Geteuid(), gid: os.Getegid()}
	}
	if err := owner.own(dir); err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, in.program("postgres"), "--version")
	cmd.Dir = dir
	cmd.Env = environment()
	cmd.SysProcAttr = id.childAttributes(true)
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	return cmd.Run()
}
