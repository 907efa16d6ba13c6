//go:build !unix

package backup

import "os/exec"

// modesMatter tells that the bits of a file's mode say who can read it. Elsewhere a directory in the user's profile is private by
// what it inherits.
const modesMatter = false

// group starts a command; ending it ends it alone.
func group(*exec.Cmd) {}

// syncDir is for systems where a directory can be synchronised.
func syncDir(string) {}
