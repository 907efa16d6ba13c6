package server

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// makeData makes the room's data directory: a copy of the cached template, or, when there is none yet, by initdb, and
// then the template from it. It reports whether it came from the cache. Without a usable cache it is initdb each time.
func makeData(ctx context.Context, in Installation, id identity, room *room) (cached bool, err error) {
	template, err := templatePath(in)
	if err != nil {
		return false, initdb(ctx, in, id, room.dir, room.data())
	}
	if done, err := copyTemplate(template, id, room); done || err != nil {
		return true, err
	}
	return false, makeTemplate(ctx, in, id, room, template)
}

// copyTemplate copies the template where there is one. The shared lock keeps it from being replaced meanwhile.
func copyTemplate(template string, id identity, room *room) (done bool, err error) {
	unlock, err := lockFile(template+".lock", shared)
	if err != nil {
		return false, nil
	}
	defer unlock()
	if _, err := os.Stat(template); err != nil {
		return false, nil
	}
	if err := copyTree(template, room.data(), id); err != nil {
		return false, fmt.Errorf("copy data directory from cache: %w", err)
	}
	return true, nil
}

// makeTemplate makes the data directory by initdb and keeps a copy as the template. A failure to keep it costs
// only time later, so that it is none.
func makeTemplate(ctx context.Context, in Installation, id identity, room *room, template string) error {
	unlock, lockErr := lockFile(template+".lock", exclusive)
	if lockErr == nil {
		defer unlock()
		if _, err := os.Stat(template); err == nil {
			return copyTree(template, room.data(), id)
		}
	}
	if err := initdb(ctx, in, id, room.dir, room.data()); err != nil {
		return err
	}
	if lockErr != nil {
		return nil
	}
	partial := template + ".partial"
	if os.RemoveAll(partial) == nil && copyTree(room.data(), partial, identity{}) == nil {
		_ = os.Rename(partial, template)
	}
	_ = os.RemoveAll(partial)
	return nil
}

// remakeData replaces a template that does not start, and the copy of it.
func remakeData(ctx context.Context, in Installation, id identity, room *room) error {
	if err := os.RemoveAll(room.data()); err != nil {
		return fmt.Errorf("remove data directory: %w", err)
	}
	template, err := templatePath(in)
	if err != nil {
		return err
	}
	unlock, err := lockFile(template+".lock", exclusive)
	if err != nil {
		return fmt.Errorf("lock cached data directory: %w", err)
	}
	err = os.RemoveAll(template)
	unlock()
	if err != nil {
		return fmt.Errorf("remove cached data directory: %w", err)
	}
	return makeTemplate(ctx, in, id, room, template)
}

// templatePath is where the template of in is kept. Any change of the binaries, or of how it is made, names
// another: a data directory fits one build only.
func templatePath(in Installation) (string, error) {
	cache, err := cacheDir("clusters")
	if err != nil {
		return "", err
	}
	info, err := os.Stat(in.program("postgres"))
	if err != nil {
		return "", err
	}
	sum := sha256.New()
	fmt.Fprintln(sum, in.Version, in.Bin, info.Size(), info.ModTime().UnixNano(), strings.Join(initdbArgs, " "))
	return filepath.Join(cache, fmt.Sprintf("%d-%s", in.Major, hex.EncodeToString(sum.Sum(nil)[:10]))), nil
}
