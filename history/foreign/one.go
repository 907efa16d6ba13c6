package foreign

import (
	"fmt"
	"path/filepath"
)

// Cut reads a text that stands alone as one direction of a migration, sent to the server in the given way. Problems are in
// the result.
func Cut(path string, text []byte, m Mode) Script {
	s := alone(path, text).script(filepath.Base(path))
	s.whole(m)
	return s.done()
}

// CutAt is Cut for a text whose statements end at a text of the author's choice, as Drizzle's breakpoints are. What stands between two
// of them is told apart at semicolons too.
func CutAt(path string, text []byte, delimiter string, m Mode) Script {
	s := alone(path, text).script(filepath.Base(path))
	s.delimited(delimiter, m)
	return s.done()
}

// ReadOne reads one file by the conventions of a tool, whatever else is in its directory. It is an error when the tool would not take
// the file for a migration.
func ReadOne(tool Tool, path string, text []byte) (File, error) {
	for _, f := range formats() {
		if f.tool != tool {
			continue
		}
		if files := f.read(alone(path, text)); len(files) == 1 {
			return files[0], nil
		}
	}
	return File{}, fmt.Errorf("read migration: %s is none of %s", path, tool)
}

// alone is the listing of one file that was read already.
func alone(path string, text []byte) *listing {
	rel := filepath.Base(path)
	clean, problem := decode(path, text)
	return &listing{root: filepath.Dir(path), entries: []entry{{rel: rel, size: int64(len(text))}}, given: map[string]given{rel: {clean, problem}}}
}
