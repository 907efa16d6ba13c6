package legacy

import (
	"crypto/sha256"
	"encoding"
	"encoding/base64"
	"hash"
	"strings"
	"time"
)

// atlasFile is what Atlas knows of a file beside its name.
type atlasFile struct {
	at   int    // its place in the directory
	base string // the name that goes into the sum
	// ignored is set where the directive says that the text does not.
	ignored, template, checkpoint bool
	// sum is over all files of the directory up to this one.
	sum string
}

// atlasChain computes sums over the files that were there when a revision ran.
type atlasChain struct {
	h     *History
	files []File
	byKey map[string]*Entry
	// ran are the times of the files' entries; zero where there is none.
	ran []time.Time
	// spoiled names the first file because of which later sums cannot be told.
	spoiled string
	// gone are versions in effect without a file, in order.
	gone []string
	// state and next are the last computed chain: the sum over the files before next that were not left out.
	state   []byte
	next    int
	left    map[int]bool
	rebuilt int
}

// maxRebuilt is how often a chain is computed from the beginning: each time costs the whole directory.
const maxRebuilt = 500

func newAtlasChain(h *History, files []File) *atlasChain {
	c := &atlasChain{h: h, files: files, byKey: map[string]*Entry{}}
	for i := range h.Entries {
		c.byKey[h.Entries[i].Key] = &h.Entries[i]
	}
	there := map[string]bool{}
	running := sha256.New()
	for i := range files {
		there[files[i].Version] = true
		f := files[i].Extra.(*atlasFile)
		f.at = i
		f.add(running, files[i].Text)
		f.sum = base64.StdEncoding.EncodeToString(running.Sum(nil))
		c.ran = append(c.ran, time.Time{})
		if e := c.byKey[files[i].Version]; e != nil {
			c.ran[i] = e.AppliedAt
		}
	}
	for i := range h.Entries {
		if e := &h.Entries[i]; !there[e.Version] && e.State == Applied {
			c.gone = append(c.gone, e.Version)
		}
	}
	return c
}

// add is what a file gives to the sum: its name and its text.
func (f *atlasFile) add(to hash.Hash, text []byte) {
	to.Write([]byte(f.base))
	if !f.ignored {
		to.Write(text)
	}
}

func (c *atlasChain) spoil(what string) {
	if c.spoiled == "" {
		c.spoiled = what
	}
}

// goneBefore is the last version in effect before another whose file is missing.
func (c *atlasChain) goneBefore(version string) (out string) {
	for _, v := range c.gone {
		if strings.Compare(v, version) < 0 {
			out = v
		}
	}
	return out
}

// unrecordedBefore reports whether a file before this one has no row with a sum of its own.
func (c *atlasChain) unrecordedBefore(f *atlasFile) bool {
	for i := range c.files[:f.at] {
		if e := c.byKey[c.files[i].Version]; e == nil || e.Checksum == "" {
			return true
		}
	}
	return false
}

// sumThen is the sum without the files that were run later than the entry, or not at all after the first row: those that came into the
// directory by a merge.
func (c *atlasChain) sumThen(e *Entry, f *atlasFile) string {
	left := map[int]bool{}
	begun := false
	for i, at := range c.ran[:f.at] {
		switch {
		case at.IsZero() && begun, at.After(e.AppliedAt):
			left[i] = true
		case !at.IsZero():
			begun = true
		}
	}
	if len(left) == 0 {
		return f.sum
	}
	if !sameBelow(c.left, left, c.next) || c.next > f.at {
		if c.rebuilt++; c.rebuilt > maxRebuilt {
			return ""
		}
		c.state, c.next = nil, 0
	}
	return c.extend(left, f.at)
}

// sameBelow reports whether two sets agree below a bound.
func sameBelow(a, b map[int]bool, bound int) bool {
	for i := range a {
		if i < bound && !b[i] {
			return false
		}
	}
	for i := range b {
		if i < bound && !a[i] {
			return false
		}
	}
	return true
}

// extend goes on with the chain up to and with a place.
func (c *atlasChain) extend(left map[int]bool, to int) string {
	running := sha256.New()
	if c.state != nil {
		if err := running.(encoding.BinaryUnmarshaler).UnmarshalBinary(c.state); err != nil {
			return ""
		}
	}
	for i := c.next; i <= to; i++ {
		if !left[i] {
			c.files[i].Extra.(*atlasFile).add(running, c.files[i].Text)
		}
	}
	state, err := running.(encoding.BinaryMarshaler).MarshalBinary()
	if err != nil {
		return ""
	}
	c.state, c.next, c.left = state, to+1, left
	return base64.StdEncoding.EncodeToString(running.Sum(nil))
}
