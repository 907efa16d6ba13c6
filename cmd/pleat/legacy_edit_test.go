package main

import (
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// hashingDumps are dumps of tools that keep a checksum of each file, and whether the tool minds line ends of Windows and a byte order mark;
// "" is left open.
var hashingDumps = map[string]struct{ crlf, bom string }{
	"flyway":            {crlf: "same", bom: "same"},
	"flyway-4.2.0":      {crlf: "same", bom: "same"},
	"flyway-repaired":   {crlf: "same", bom: "same"},
	"liquibase":         {crlf: "same"},
	"prisma":            {crlf: "same"},
	"drizzle":           {crlf: "mismatch"},
	"graphile-migrate":  {},
	"sqitch":            {crlf: "mismatch", bom: "mismatch"},
	"atlas":             {crlf: "mismatch", bom: "mismatch"},
	"fixtures/sqlx":     {crlf: "mismatch"},
	"fixtures/refinery": {crlf: "mismatch"},
	"fixtures/evolve":   {crlf: "same"},
}

// TestLegacyFilesAreHeldAgainstTheirSums changes one byte in each file of each tool that hashes.
func TestLegacyFilesAreHeldAgainstTheirSums(t *testing.T) {
	for name, minds := range hashingDumps {
		t.Run(filepath.Base(name), func(t *testing.T) {
			t.Parallel()
			a := adopted(t, name)
			a.copied()
			good := a.imports("--dry-run")
			if good.Error != nil {
				t.Fatalf("refused as it is: %+v", good.Error)
			}
			byPath := map[string][]string{}
			for _, e := range good.History.Entries {
				if e.File.State == "verified" {
					byPath[e.File.Path] = append(byPath[e.File.Path], e.Key)
				}
			}
			if len(byPath) < 2 {
				t.Fatalf("only %v are verified", byPath)
			}
			for i, path := range slices.Sorted(maps.Keys(byPath)) {
				keys := byPath[path]
				a.edited(path, oneByte(t), func(doc *imported) {
					// A script that the tool runs again whenever it changed is not another one then: it has to run again.
					if again := strings.HasPrefix(path, "R__") && doc.isPending(path); !again && !anyMismatch(doc, keys) {
						t.Errorf("one changed byte in %s is not found: %v", path, doc.codes())
					}
				})
				if i > 0 {
					continue // one file shows how the tool has line ends
				}
				a.formed(path, keys, minds.crlf, toCRLF)
				a.formed(path, keys, minds.bom, func(text []byte) []byte { return append([]byte("\uFEFF"), bytes.TrimPrefix(text, []byte("\uFEFF"))...) })
			}
			a.noTrace()
		})
	}
}

// formed wants a file in another form to be the same or not, as the tool has it.
func (a *legacyCase) formed(path string, keys []string, want string, form func([]byte) []byte) {
	a.t.Helper()
	if want == "" {
		return
	}
	a.edited(path, form, func(doc *imported) {
		if got := anyMismatch(doc, keys) || doc.isPending(path); got != (want == "mismatch") {
			a.t.Errorf("%s in another form: mismatch %t, want %s (%v)", path, got, want, doc.codes())
		}
	})
}

// edited looks at an import with a changed file, and puts the file back.
func (a *legacyCase) edited(path string, change func([]byte) []byte, look func(*imported)) {
	a.t.Helper()
	file := filepath.Join(a.legacy, filepath.FromSlash(path))
	text, err := os.ReadFile(file)
	if err != nil {
		a.t.Fatal(err)
	}
	if err := os.WriteFile(file, change(text), 0o644); err != nil {
		a.t.Fatal(err)
	}
	look(a.imports("--dry-run"))
	if err := os.WriteFile(file, text, 0o644); err != nil {
		a.t.Fatal(err)
	}
}

func anyMismatch(doc *imported, keys []string) bool {
	return slices.ContainsFunc(keys, func(key string) bool { return slices.Contains(doc.codes(), "mismatch "+key) })
}

// oneByte changes the case of the last letter of the last line that is SQL.
func oneByte(t *testing.T) func([]byte) []byte {
	return func(text []byte) []byte {
		lines := bytes.SplitAfter(bytes.Clone(text), []byte("\n"))
		for _, line := range slices.Backward(lines) {
			if bytes.HasPrefix(bytes.TrimSpace(line), []byte("--")) {
				continue
			}
			for i, c := range slices.Backward(line) {
				if c|0x20 >= 'a' && c|0x20 <= 'z' {
					line[i] ^= 0x20
					return bytes.Join(lines, nil)
				}
			}
		}
		t.Fatalf("no letter in %q", text)
		return nil
	}
}

func toCRLF(text []byte) []byte {
	return bytes.ReplaceAll(bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n")), []byte("\n"), []byte("\r\n"))
}

// TestAMismatchIsLetPassWithAReason imports in spite of an edited file, and finds the reason in the log.
func TestAMismatchIsLetPassWithAReason(t *testing.T) {
	t.Parallel()
	a := adopted(t, "flyway")
	a.copied()
	file := filepath.Join(a.legacy, "V1__create_users.sql")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, oneByte(t)(text), 0o644); err != nil {
		t.Fatal(err)
	}
	if doc := a.imports("--accept", "mismatch"); doc.Error == nil {
		t.Error("no reason is asked for")
	}
	if doc := a.imports("--accept", "mismatch:2", "--reason", "no"); doc.Error == nil || !slices.Contains(doc.codes(), "mismatch 1") {
		t.Errorf("another file's mismatch lets this one pass: %+v", doc.Error)
	}
	if doc := a.imports("--accept", "tool_running", "--reason", "no"); doc.Error == nil {
		t.Error("what cannot be accepted is")
	}
	a.noTrace()
	if doc := a.imports("--accept", "mismatch:1", "--reason", "a comment, edited in 2021"); doc.Error != nil || len(doc.History.Accepted) == 0 {
		t.Fatalf("refused: %+v", doc)
	}
	if n := a.scalar("SELECT count(*) FROM pleat.log WHERE kind = 'import_summary' AND detail::text LIKE '%a comment, edited in 2021%'"); n != "1" {
		t.Errorf("the reason is in %s rows of the log", n)
	}
	a.agrees()

	// From here on the file counts as it is: any further edit is found.
	if err := os.WriteFile(file, append(oneByte(t)(text), "-- more\n"...), 0o644); err != nil {
		t.Fatal(err)
	}
	if out := a.want(2, "verify"); !strings.Contains(out, "V1__create_users.sql") {
		t.Errorf("verify does not name the file:\n%s", out)
	}
	a.edit()
	a.want(0, "plan", "--name", "more", "--contract", "immediate")
	if out := a.want(1, "apply"); !strings.Contains(out, "V1__create_users.sql") {
		t.Errorf("apply does not name the file:\n%s", out)
	}
}
