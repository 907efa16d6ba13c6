package migration

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
)

const sumComment = "# Written by pleat: the SHA-256 of every migration here. A conflict in this file means that two branches\n" +
	"# added migrations; once their order is right, `pleat hash` writes it anew.\n"

// sum writes pleat.sum for the files: one digest over all, then one line for each.
func sum(files []File) []byte {
	lines, whole := sumLines(files)
	return []byte(sumComment + "directory " + whole + "\n" + lines)
}

func sumLines(files []File) (lines, whole string) {
	var b strings.Builder
	for _, f := range files {
		fmt.Fprintf(&b, "%s  %s\n", f.Checksum, f.Name)
	}
	digest := sha256.Sum256([]byte(b.String()))
	return b.String(), hex.EncodeToString(digest[:])
}

// Digest is the SHA-256 over the names and checksums of all files, as pleat.sum holds it.
func (d *Dir) Digest() string {
	_, whole := sumLines(d.Files)
	return whole
}

// recorded is what pleat.sum says.
type recorded struct {
	whole string
	files map[string]string // checksum by name
	lines map[string]int
	order []string
}

// readSum parses pleat.sum; problems are those of the file itself.
func readSum(text []byte) (recorded, []Problem) {
	r := recorded{files: map[string]string{}, lines: map[string]int{}}
	s := strings.ReplaceAll(string(text), "\r\n", "\n")
	if at := conflictMarker(s); at > 0 {
		return r, []Problem{{Kind: Conflicted, File: SumFile, Line: at}}
	}
	var problems []Problem
	number := 0
	for line := range strings.Lines(s) {
		number++
		whole := strings.HasSuffix(line, "\n")
		line = strings.TrimRight(line, " \t\n")
		digest, name, ok := strings.Cut(line, "  ")
		directory, isWhole := strings.CutPrefix(line, "directory ")
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
		case isWhole && isDigest(directory) && whole && r.whole == "":
			r.whole = directory
		case ok && isDigest(digest) && whole && r.files[name] == "":
			r.files[name], r.lines[name] = digest, number
			r.order = append(r.order, name)
		default:
			problems = append(problems, Problem{Kind: Malformed, File: SumFile, Line: number})
		}
	}
	if r.whole == "" && len(problems) == 0 {
		problems = append(problems, Problem{Kind: Malformed, File: SumFile, Line: number})
	}
	return r, problems
}

func isDigest(s string) bool {
	_, err := hex.DecodeString(s)
	return err == nil && len(s) == 2*sha256.Size
}
