package migration

import (
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"strings"
)

// WithRehearsed is the text of a file with the directive "rehearsed" in its head, in place of an older one. Nothing else
// changes: a file that a person wrote keeps its layout.
func WithRehearsed(name string, text []byte, what string) ([]byte, error) {
	before, err := Parse(name, text)
	if err != nil {
		return nil, err
	}
	w := &writer{}
	w.line("rehearsed", what)
	line := w.b.String()
	p := &parser{file: name, text: string(Normalize(text))}
	at, end := 0, 0
	for _, d := range p.directives() {
		if d.word == "rehearsed" {
			at, end = lineStart(p.text, d.start), lineEnd(p.text, d.end)
			break
		}
		if !inHead[d.word] {
			break
		}
		at = lineEnd(p.text, d.end)
		end = at
	}
	out := []byte(p.text[:at] + line + p.text[end:])
	after, err := Parse(name, out)
	if err != nil {
		return nil, fmt.Errorf("the file would not read back: %w", err)
	}
	a, b := withoutPositions(before), withoutPositions(after)
	a.Rehearsed, b.Rehearsed = "", ""
	if !reflect.DeepEqual(a, b) {
		return nil, fmt.Errorf("the file would not read back as it was: %w", firstDifference(a, b))
	}
	return out, nil
}

// inHead are the directives that stand at the head of a generated file, above the one that is written.
var inHead = map[string]bool{"migration": true, "phase": true, "contract of": true, "scope": true, "beside": true, "object": true, "proven": true}

func lineStart(text string, at int) int { return strings.LastIndexByte(text[:at], '\n') + 1 }

func lineEnd(text string, at int) int {
	if i := strings.IndexByte(text[at:], '\n'); i >= 0 {
		return at + i + 1
	}
	return len(text)
}

// Rehearsed writes the directive into files of a directory, and pleat.sum anew. The directory must be as it was when it was read: an
// edit in between is not blessed. what is by the base name of the file.
func (d *Dir) Rehearsed(what map[string]string) error {
	now, err := ReadDir(d.Path)
	if err != nil {
		return err
	}
	if err := now.Validate(); err != nil {
		return err
	}
	if now.Digest() != d.Digest() {
		return errors.New("attach the rehearsal: the directory of migrations changed meanwhile")
	}
	texts := map[string][]byte{}
	for i := range now.Files {
		f := &now.Files[i]
		if line, ok := what[f.Name]; ok {
			if texts[f.Name], err = WithRehearsed(f.Name, f.Text, line); err != nil {
				return fmt.Errorf("attach the rehearsal to %s: %w", f.Name, err)
			}
		}
	}
	for name, text := range texts {
		if err := writeFile(filepath.Join(d.Path, name), text); err != nil {
			return err
		}
	}
	return Rehash(d.Path)
}
