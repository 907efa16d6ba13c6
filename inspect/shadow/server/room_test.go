package server

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

func TestSweep(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the places of rooms differ")
	}
	place := places()[0]
	make := func(locked bool, age time.Duration) (dir string, unlock func()) {
		dir, err := os.MkdirTemp(place, roomPrefix+"test-")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { os.RemoveAll(dir) })
		unlock = func() {}
		if locked {
			if unlock, err = tryLock(filepath.Join(dir, "lock")); err != nil {
				t.Fatal(err)
			}
			old := time.Now().Add(-age)
			if err := os.Chtimes(filepath.Join(dir, "lock"), old, old); err != nil {
				t.Fatal(err)
			}
		}
		return dir, unlock
	}
	left, release := make(true, time.Hour)
	release()
	young, release := make(true, 0)
	release()
	held, release := make(true, time.Hour)
	defer release()
	foreign, _ := make(false, 0)
	sweep()
	for _, check := range []struct {
		dir, what string
		want      bool
	}{
		{left, "left over", false}, {young, "young", true}, {held, "in use", true}, {foreign, "not a room", true},
	} {
		if _, err := os.Stat(check.dir); (err == nil) != check.want {
			t.Errorf("directory that is %s: kept is %v, want %v", check.what, err == nil, check.want)
		}
	}
}

func TestNamedDirectory(t *testing.T) {
	dir, err := os.MkdirTemp("/tmp", "pleat-named-")
	if err != nil {
		t.Skip(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	home := filepath.Join(dir, "server")
	s := mustStart(t, Options{Want: "local", Dir: home})
	if got := ask(t, s.URL(""), "SHOW data_directory"); got != filepath.Join(home, "data") {
		t.Errorf("the data is in %s", got)
	}
	if _, err := Start(context.Background(), Options{Want: "local", Dir: home}); err == nil || !strings.Contains(err.Error(), "neither empty nor left over") {
		t.Errorf("second server in one directory: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(home); !os.IsNotExist(err) {
		t.Errorf("the directory is left: %v", err)
	}
	if _, err := Start(context.Background(), Options{Want: "local", Dir: "/tmp/" + strings.Repeat("long", 30)}); err == nil || !strings.Contains(err.Error(), "too long for a Unix socket") {
		t.Errorf("long directory: %v", err)
	}
}
