package server

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"runtime"
	"strings"
	"time"
)

// superuser is the role that initdb makes.
const superuser = "postgres"

// initdbArgs make a cluster with encoding UTF8 and locale C. Collations of the system and of ICU are imported whatever the
// locale. Small log segments keep the directory, which is copied for each start, small.
var initdbArgs = []string{
	"--no-sync", "--auth=trust", "--encoding=UTF8", "--no-locale", "--username=" + superuser, "--wal-segsize=1",
}

// initdb makes a data directory at path.
func initdb(ctx context.Context, in Installation, id identity, dir, path string) error {
	cmd := exec.CommandContext(ctx, in.program("initdb"), append([]string{"-D", path}, initdbArgs...)...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	cmd.Dir = dir
	cmd.Env = environment()
	cmd.SysProcAttr = id.childAttributes(true)
	cmd.WaitDelay = 5 * time.Second
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("run initdb: %w: %s", err, strings.TrimSpace(out.String()))
	}
	return nil
}
