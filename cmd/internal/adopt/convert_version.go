package adopt

import (
	"fmt"
	"path"
	"strings"
	"time"

	"github.com/pleatdb/pleat/history/legacy"
	"github.com/pleatdb/pleat/history/migration"
)

// firstVersion is before what any tool of this kind wrote.
const firstVersion = "20000101000000"

// beforeAll is how Diesel numbers the file of its own functions.
const beforeAll = "00000000000000"

// versions are those that files get.
type versions struct {
	byKey map[string]string
	// taken are all of them.
	taken map[string]bool
	// last is the highest that is taken, in the order of what is in effect; next goes beyond it.
	last string
}

// versions finds a version for each file of the directory. The files' own are kept where all of them are pleat's kind of version; otherwise they
// are counted on, one second each, from the highest time that a version names. Scripts that run again come behind the others.
func (c *converter) versions() (*versions, error) {
	v := &versions{byKey: map[string]string{}, taken: map[string]bool{}, last: c.options.Newest}
	own := c.own()
	at := firstVersion
	for _, stamp := range c.stamps() {
		at = max(at, stamp)
	}
	for _, repeatable := range []bool{false, true} {
		for i := range c.history.Files {
			f := &c.history.Files[i]
			switch {
			case trails(c.history, f) != repeatable || v.byKey[f.Key] != "":
				continue
			case own != nil && !repeatable:
				v.byKey[f.Key] = own[f.Key]
				continue
			}
			var err error
			if at, err = after(at); err != nil {
				return nil, err
			}
			v.byKey[f.Key] = at
		}
	}
	for _, version := range v.byKey {
		v.taken[version] = true
	}
	for _, r := range sequence(c.history) {
		if r.file != nil && !r.changed && !trails(c.history, r.file) {
			v.last = max(v.last, v.byKey[r.key])
		}
	}
	return v, nil
}

// own are the versions that the files have themselves; nil where they are not pleat's.
func (c *converter) own() map[string]string {
	out, taken := map[string]string{}, map[string]bool{}
	for i := range c.history.Files {
		f := &c.history.Files[i]
		if trails(c.history, f) {
			continue
		}
		stamp := stampOf(f)
		if stamp == "" || taken[stamp] {
			return nil
		}
		out[f.Key], taken[stamp] = stamp, true
	}
	return out
}

// stamps are the times that versions name, of files and of entries whose file is gone.
func (c *converter) stamps() (out []string) {
	for i := range c.history.Files {
		if s := stampOf(&c.history.Files[i]); s != "" {
			out = append(out, s)
		}
	}
	for i := range c.history.Entries {
		if s := stamp(c.history.Entries[i].Version); s != "" {
			out = append(out, s)
		}
	}
	return out
}

// stampOf is the time of 14 digits with which a file's version or name begins; empty for none.
func stampOf(f *legacy.File) string {
	if f.Version != "" && strings.Trim(f.Version, "0123456789.") == "" {
		return stamp(f.Version)
	}
	for _, text := range []string{f.Version, f.Key, path.Base(f.Path), path.Base(path.Dir(f.Path))} {
		if s := stamp(text); s != "" {
			return s
		}
	}
	return ""
}

func stamp(text string) string {
	digits := text[:len(text)-len(strings.TrimLeft(text, "0123456789"))]
	if digits == beforeAll {
		return firstVersion
	}
	if migration.CheckVersion(digits) != nil {
		return ""
	}
	return digits
}

// of is the version of a file that is in effect.
func (v *versions) of(f *legacy.File) string { return v.byKey[f.Key] }

// next is the version of a pending file: its own where that comes after all that is there, else a new one.
func (v *versions) next(f *legacy.File) (version string, err error) {
	version = v.byKey[f.Key]
	if version <= v.last {
		for version = v.last; version == v.last || v.taken[version]; {
			if version, err = after(version); err != nil {
				return "", err
			}
		}
	}
	v.last = version
	return version, nil
}

// after is one second later.
func after(version string) (string, error) {
	next, err := migration.NextVersion(version, time.Time{})
	if err != nil {
		return "", fmt.Errorf("number the legacy files: %w", err)
	}
	return next, nil
}
