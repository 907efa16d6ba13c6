package backup

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// command runs the user's own command, and then what verifies its work. Its output is shown and never kept: it may hold what
// nobody else is to see.
func (b *taking) command(ctx context.Context) error {
	if len(b.Settings.Command) == 0 {
		return nil
	}
	b.manifest.Program = filepath.Base(b.Settings.Command[0])
	access, err := b.Access.libpq(b.conn.Config())
	if err != nil {
		return err
	}
	defer access.close()
	dir, err := filepath.Abs(b.dir)
	if err != nil {
		return fmt.Errorf("find the directory of the backup: %w", err)
	}
	env := append(access.env, "PLEAT_RUN="+b.u.Run, "PLEAT_COMMAND="+b.u.Command, "PLEAT_VERSIONS="+strings.Join(b.manifest.Versions, " "),
		"PLEAT_LSN="+b.manifest.LSN, "PLEAT_BACKUP_DIR="+dir)
	if b.Access.Role != "" {
		env = append(env, "PLEAT_ROLE="+b.Access.Role)
	}
	if err := b.userCommand(ctx, env, "backup command", b.Settings.Command); err != nil {
		return err
	}
	if err := b.leftByCommand(); err != nil {
		return err
	}
	if len(b.Settings.Verify) == 0 {
		b.manifest.NotCovered = append(b.manifest.NotCovered, "what the command "+b.manifest.Program+" wrote was not read back: there is no verify_command")
		return nil
	}
	return b.userCommand(ctx, env, "verify command", b.Settings.Verify)
}

// leftByCommand notes the files that the command left in the backup's directory, so that a change of them is seen.
func (b *taking) leftByCommand() error {
	return filepath.WalkDir(b.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		name, err := filepath.Rel(b.dir, path)
		if err != nil || slices.ContainsFunc(b.manifest.Files, func(f File) bool { return f.Name == name }) {
			return err
		}
		size, digest, err := digestOf(path)
		b.manifest.Files = append(b.manifest.Files, File{Name: name, Kind: "command", Size: size, SHA256: digest, Program: b.manifest.Program})
		return err
	})
}

func (b *taking) userCommand(ctx context.Context, env []string, what string, argv []string) error {
	b.Progress("running the " + what + " " + filepath.Base(argv[0]))
	limited, cancel := context.WithTimeout(ctx, b.Settings.Timeout)
	defer cancel()
	c := exec.CommandContext(limited, argv[0], argv[1:]...)
	group(c)
	c.WaitDelay = 5 * time.Second
	c.Env = append(inherited(), env...)
	lines := b.lines()
	c.Stdout, c.Stderr = lines, lines
	err := runOnThread(c)
	lines.close()
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		err = ctx.Err()
	case limited.Err() != nil:
		err = fmt.Errorf("it did not end within %s and was ended", b.Settings.Timeout)
	}
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		err = errors.New(exit.ProcessState.String())
	}
	return fmt.Errorf("run the %s %s: %w", what, filepath.Base(argv[0]), err)
}

// lines passes a program's output on by lines.
type lines struct {
	*io.PipeWriter
	done sync.WaitGroup
}

func (b *taking) lines() *lines {
	reader, writer := io.Pipe()
	l := &lines{PipeWriter: writer}
	l.done.Go(func() {
		scanner := bufio.NewScanner(reader)
		scanner.Buffer(nil, 1<<20)
		for scanner.Scan() {
			b.Output(scanner.Text())
		}
		_, _ = io.Copy(io.Discard, reader) // a line that is too long is not shown, and must not stop the program
	})
	return l
}

func (l *lines) close() {
	_ = l.CloseWithError(nil)
	l.done.Wait()
}
