package review

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/pleatdb/pleat/cmd/internal/credential"
)

// RevisionError is that a revision cannot be compared with.
type RevisionError struct {
	Revision, Reason string
	// Next says how to go on.
	Next string
}

func (e *RevisionError) Error() string {
	return fmt.Sprintf("compare with revision %q: %s", e.Revision, e.Reason)
}

// changed are the files of a repository that differ from a commit.
type changed struct {
	since string // the commit
	files map[string]bool
}

// holds reports whether a file differs.
func (c *changed) holds(path string) bool { return c.files[real(path)] }

// real is an absolute path without links, as far as it exists.
func real(path string) string {
	abs, err := filepath.Abs(path)
	if err != nil {
		return path
	}
	if resolved, err := filepath.EvalSymlinks(abs); err == nil {
		return resolved
	}
	return abs
}

// changedSince asks git what differs between the working tree and its merge base with a revision: committed, not yet
// committed, or not yet known to git.
func changedSince(ctx context.Context, dir, revision string) (*changed, error) {
	fail := func(reason, next string) (*changed, error) {
		return nil, &RevisionError{Revision: revision, Reason: reason, Next: next}
	}
	if strings.HasPrefix(revision, "-") || strings.ContainsAny(revision, "\x00\n") || strings.TrimSpace(revision) == "" {
		return fail("it is not the name of a revision", "use a branch, a tag or a commit, such as origin/main")
	}
	top, err := git(ctx, dir, "rev-parse", "--show-toplevel")
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return fail("git is not installed, or not in PATH", "install git, or name the files")
	case err != nil:
		return fail(err.Error(), "run it inside of a git repository, or name the files")
	}
	root := strings.TrimSuffix(top, "\n")
	commit, err := git(ctx, root, "rev-parse", "--verify", "--quiet", "--end-of-options", revision+"^{commit}")
	if err != nil {
		return fail("git does not know it", "fetch it first: git fetch origin "+revision)
	}
	base, err := git(ctx, root, "merge-base", "HEAD", strings.TrimSpace(commit))
	if err != nil {
		return fail("it has no commit in common with what is checked out", "where the clone is shallow, fetch its history: git fetch --unshallow")
	}
	c := &changed{since: strings.TrimSpace(base), files: map[string]bool{}}
	for _, args := range [][]string{
		{"diff", "--name-only", "-z", "--no-renames", "--no-ext-diff", "--diff-filter=d", c.since, "--"},
		{"ls-files", "-z", "--others", "--exclude-standard", "--full-name", "--"},
	} {
		out, err := git(ctx, root, args...)
		if err != nil {
			return fail(err.Error(), "")
		}
		for name := range strings.SplitSeq(out, "\x00") {
			if name != "" {
				c.files[real(filepath.Join(root, filepath.FromSlash(name)))] = true
			}
		}
	}
	return c, nil
}

// git runs one command. The settings keep it from running programs that the repository's own configuration names.
func git(ctx context.Context, dir string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "git", append([]string{"-C", dir, "--no-pager", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=" + os.DevNull}, args...)...)
	cmd.Env = append(credential.Environ(os.Environ()), "LC_ALL=C", "GIT_OPTIONAL_LOCKS=0", "GIT_TERMINAL_PROMPT=0")
	var out, complaint bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &complaint
	err := cmd.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		text, _, _ := strings.Cut(strings.TrimSpace(complaint.String()), "\n")
		return "", fmt.Errorf("git: %s", strings.TrimPrefix(text, "fatal: "))
	}
	return out.String(), err
}

// Root is the directory of the repository in which a directory lies, or empty.
func Root(dir string) string {
	for dir = real(dir); ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, ".git")); err == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			return ""
		}
	}
}
