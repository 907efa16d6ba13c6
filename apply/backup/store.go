package backup

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// partialSuffix ends the name of a directory whose backup is not complete: still being written, or left by a process that was killed.
const partialSuffix = ".partial"

// Store is a directory of backups, one directory each, named by the run.
type Store struct{ Dir string }

// Found is a backup in a store.
type Found struct {
	*Manifest
	Dir, Digest string
}

// open makes the directory where it is not there and refuses one that others can look into.
func (s Store) open() error {
	if err := os.MkdirAll(s.Dir, 0o700); err != nil {
		return fmt.Errorf("make the directory of backups: %w", err)
	}
	if err := s.private(); err != nil {
		return err
	}
	// Rows do not belong into version control, and the default directory is inside the project.
	f, err := os.OpenFile(filepath.Join(s.Dir, ".gitignore"), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("write into the directory of backups: %w", err)
	}
	_, err = f.WriteString("*\n")
	return errors.Join(err, f.Close())
}

// private refuses a directory that is none, or that others than its owner can look into.
func (s Store) private() error {
	info, err := os.Stat(s.Dir)
	if err != nil {
		return fmt.Errorf("look at the directory of backups: %w", err)
	}
	switch {
	case !info.IsDir():
		return &Error{Doing: "look at the directory of backups", Reason: s.Dir + " is no directory"}
	case info.Mode().Perm()&0o077 != 0 && modesMatter:
		return &Error{Doing: "look at the directory of backups", Reason: fmt.Sprintf("%s can be read by others (mode %04o)", s.Dir, info.Mode().Perm()),
			Next: "backups hold rows: chmod 700 " + s.Dir}
	}
	return nil
}

// begin makes the directory of a backup under its name as an incomplete one.
func (s Store) begin(run string) (dir string, err error) {
	if err := s.open(); err != nil {
		return "", err
	}
	dir = filepath.Join(s.Dir, run+partialSuffix)
	if err := os.Mkdir(dir, 0o700); err != nil {
		return "", fmt.Errorf("make the directory of the backup: %w", err)
	}
	return dir, nil
}

// create makes a file that was not there, for the owner only.
func create(dir, name string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, name), os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, fmt.Errorf("make a file of the backup: %w", err)
	}
	return f, nil
}

// finish writes the manifest and gives the directory its final name. Both are on disk when it returns.
func (s Store) finish(partial string, m *Manifest) (dir, digest string, err error) {
	text, digest, err := m.encode()
	if err != nil {
		return "", "", err
	}
	f, err := create(partial, manifestName)
	if err != nil {
		return "", "", err
	}
	_, err = f.Write(text)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return "", "", fmt.Errorf("write the manifest: %w", err)
	}
	dir = strings.TrimSuffix(partial, partialSuffix)
	if err := os.Rename(partial, dir); err != nil {
		return "", "", fmt.Errorf("complete the backup: %w", err)
	}
	syncDir(s.Dir)
	if _, read, err := readManifest(dir); err != nil || read != digest {
		return "", "", errors.Join(&Error{Doing: "read the manifest back", Reason: "it is not what was written"}, err)
	}
	return dir, digest, nil
}

// List gives the complete backups, the newest first, and the directories that are none: left by a process that was killed, or still
// being written. A store that is not there is empty.
func (s Store) List() (backups []Found, partial []string, err error) {
	entries, err := os.ReadDir(s.Dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, fmt.Errorf("list the backups: %w", err)
	}
	for _, e := range entries {
		dir := filepath.Join(s.Dir, e.Name())
		if !e.IsDir() {
			continue
		}
		m, digest, err := readManifest(dir)
		if err != nil || strings.HasSuffix(e.Name(), partialSuffix) {
			partial = append(partial, dir)
			continue
		}
		backups = append(backups, Found{Manifest: m, Dir: dir, Digest: digest})
	}
	slices.SortFunc(backups, func(a, b Found) int { return b.Taken.Compare(a.Taken) })
	return backups, partial, nil
}

// prune removes the backups of a database beyond the newest keep, leaving those of versions that are still needed.
func (s Store) prune(of Identity, keep int, needed map[string]bool) (removed []string, err error) {
	backups, _, err := s.List()
	if err != nil {
		return nil, err
	}
	kept := 0
	for _, b := range backups {
		if !b.Database.is(of) {
			continue
		}
		kept++
		if kept <= max(keep, 1) || slices.ContainsFunc(b.Versions, func(v string) bool { return needed[v] }) {
			continue
		}
		if err := os.RemoveAll(b.Dir); err != nil {
			return removed, fmt.Errorf("remove an old backup: %w", err)
		}
		removed = append(removed, b.Run)
	}
	return removed, nil
}
