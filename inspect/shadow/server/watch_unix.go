//go:build unix

package server

import (
	"io"
	"os/exec"
)

// watcher waits until its input ends, which is when the owner of the room has died or has closed the room, makes sure
// that the server has ended, and removes the room. Interrupts are for the owner.
const watcher = `trap '' HUP INT QUIT TERM
read -r never
pid=$(head -n 1 "$1/data/postmaster.pid" 2>/dev/null)
if [ -n "$pid" ]; then
  kill -QUIT "$pid" 2>/dev/null
  tries=0
  while kill -0 "$pid" 2>/dev/null && [ "$tries" -lt 100 ]; do sleep 0.1; tries=$((tries + 1)); done
fi
rm -rf "$1" && exit
sleep 1
rm -rf "$1"`

// watch starts the watcher as the identity of the server, whose files it reads. Where there is no shell the room is
// left to a later sweep.
func (r *room) watch(id identity) {
	cmd := exec.Command("/bin/sh", "-c", watcher, "sh", r.dir)
	cmd.Dir, cmd.Env = "/", environment()
	cmd.SysProcAttr = id.childAttributes(false)
	in, err := cmd.StdinPipe()
	if err != nil {
		return
	}
	if cmd.Start() != nil {
		return
	}
	r.dismiss = func() { dismiss(in, cmd) }
}

// dismiss ends the watcher, after the room is gone.
func dismiss(in io.Closer, cmd *exec.Cmd) {
	_ = in.Close()
	_ = cmd.Wait()
}
