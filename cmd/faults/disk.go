package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
)

// disk is a small file system for a tablespace, so that it can be full while the rest of the server is not.
type disk struct{ dir string }

const diskSize = "96m"

// newDisk mounts one for a server and makes the tablespace "small" on it. Its error says why this machine cannot.
func newDisk(ctx context.Context, p *postgres) (*disk, error) {
	if os.Geteuid() != 0 {
		return nil, errors.New("only root can mount a small file system")
	}
	d := &disk{filepath.Join(p.dir, "small")}
	if err := os.Mkdir(d.dir, 0o755); err != nil {
		return nil, err
	}
	out, err := exec.CommandContext(ctx, "mount", "-t", "tmpfs", "-o", "mode=0755,size="+diskSize, "pleat-faults", d.dir).CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("mount a small file system: %w: %s", err, out)
	}
	space := filepath.Join(d.dir, "space")
	err = errors.Join(os.Mkdir(space, 0o700), p.owner.own(space))
	if err == nil {
		err = execute(ctx, p.url("postgres"), "CREATE TABLESPACE small LOCATION '"+space+"'")
	}
	if err != nil {
		d.close()
		return nil, fmt.Errorf("make a small tablespace: %w", err)
	}
	return d, nil
}

func (d *disk) filler() string { return filepath.Join(d.dir, "filler") }

// fill takes all the room that is left.
func (d *disk) fill() error {
	f, err := os.Create(d.filler())
	if err != nil {
		return err
	}
	defer f.Close()
	for block := make([]byte, 1<<20); len(block) > 0; {
		if _, err = f.Write(block); err == nil {
			continue
		}
		if !errors.Is(err, syscall.ENOSPC) {
			return err
		}
		block = block[:len(block)/2]
	}
	return nil
}

func (d *disk) free() error {
	err := os.Remove(d.filler())
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return err
}

func (d *disk) close() {
	// Lazily, as a server may have its files open for a moment longer.
	_ = exec.Command("umount", "-l", d.dir).Run()
}
