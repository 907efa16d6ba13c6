package server

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestAutomaticSaysWhatWasTried(t *testing.T) {
	installed := Installed(context.Background())
	_, err := Start(context.Background(), Options{Major: 99})
	var absent *NotFoundError
	if !errors.As(err, &absent) {
		t.Fatalf("got %v", err)
	}
	for _, in := range installed {
		if !slices.Contains(absent.Majors, in.Major) {
			t.Errorf("majors %v lack %d", absent.Majors, in.Major)
		}
	}
	text := err.Error()
	for _, want := range []string{"PostgreSQL 99", "  local: ", "  npm: ", "  docker: ", "to mend it: "} {
		if !strings.Contains(text, want) {
			t.Errorf("the error lacks %q:\n%s", want, text)
		}
	}
}

func TestAutomaticOrder(t *testing.T) {
	// No binaries of the version and no npm: Docker is asked for its image.
	for _, in := range Installed(context.Background()) {
		if in.Major == 14 {
			t.Skip("binaries of major version 14 are installed")
		}
	}
	t.Setenv("PATH", t.TempDir())
	t.Setenv("PLEAT_CACHE_DIR", t.TempDir())
	asked := ""
	docker := func(_ context.Context, image string) (*Server, error) {
		asked = image
		return nil, &AbsentError{Reason: "no engine"}
	}
	_, err := Start(context.Background(), Options{Major: 14, Docker: docker})
	if asked != "postgres:14" || err == nil || !strings.Contains(err.Error(), "docker: no engine") {
		t.Errorf("asked for %q: %v", asked, err)
	}
	if !strings.Contains(err.Error(), "  npm: ") {
		t.Errorf("npm is not accounted for: %v", err)
	}
	_, err = Start(context.Background(), Options{Want: "docker://example/image:1", Docker: docker})
	if asked != "example/image:1" || err == nil {
		t.Errorf("asked for %q: %v", asked, err)
	}
	broken := errors.New("broken")
	_, err = Start(context.Background(), Options{Major: 14, Docker: func(context.Context, string) (*Server, error) { return nil, broken }})
	if !errors.Is(err, broken) {
		t.Errorf("a provider that fails was passed over: %v", err)
	}
	for _, want := range []string{"docker", "npm", "elsewhere"} {
		if s, err := Start(context.Background(), Options{Want: want, Major: 14}); err == nil {
			s.Close()
			t.Errorf("%s was replaced by something else", want)
		}
	}
}

func TestInstalledPrefersNamedDirectory(t *testing.T) {
	installed := Installed(context.Background())
	if len(installed) == 0 {
		t.Skip("no server binaries on this machine")
	}
	// A wrapper elsewhere stands for a second installation of the same version; one that does not run is passed over.
	named, broken := t.TempDir(), t.TempDir()
	for dir, text := range map[string]string{named: "exec " + installed[0].Bin + "/", broken: "exit 1 #"} {
		for _, program := range []string{"postgres", "initdb"} {
			script := "#!/bin/sh\n" + text + program + " \"$@\"\n"
			if err := os.WriteFile(filepath.Join(dir, program), []byte(script), 0o755); err != nil {
				t.Fatal(err)
			}
		}
	}
	t.Setenv("PLEAT_POSTGRES_BIN", broken+string(os.PathListSeparator)+named)
	got := Installed(context.Background())
	real, err := filepath.EvalSymlinks(named)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != len(installed)+1 || got[0].Bin != real {
		t.Errorf("found %v", got)
	}
}
