package legacy

import (
	"bytes"
	"context"
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
)

// evolve reads the metadata table of Evolve for .NET ("changelog"): rows are only added, a run that failed outside of a transaction included.
type evolve struct{}

func (evolve) Tool() Tool { return Evolve }

// Keys is the one that Evolve uses for every table.
func (evolve) Keys(*Database, *Source) []int64 { return []int64{12345} }

// Find takes a table of Evolve's nine columns.
func (evolve) Find(ctx context.Context, db *Database) ([]Source, error) {
	return db.sure(ctx, Evolve, "its columns type, name, checksum, installed_by and success", func(t *Table) bool {
		return t.Is("id", "type smallint|integer|bigint", "version", "description", "name", "checksum", "installed_by", "installed_on", "success boolean")
	})
}

// The types of Evolve's rows.
const (
	evolveMigration  = 0
	evolveNewSchema  = 1
	evolveEmpty      = 2
	evolveStart      = 3
	evolveRepeatable = 4
)

// Read takes rows by id.
func (evolve) Read(ctx context.Context, q *Reader, h *History) error {
	rows, err := q.Rows(ctx)
	if err != nil {
		return err
	}
	slices.SortStableFunc(rows, byInt("id"))
	seen := spelling{}
	for _, r := range rows {
		h.evolveRow(r, seen)
	}
	h.remarkLate()
	h.failedLast(func(e *Entry) Problem {
		return problemf(FailedMigration, e.Key,
			"look how much of it took effect (it ran without a transaction), end it or take it back by hand, delete its row or let Evolve run it again, and import again",
			"Evolve recorded that %s failed", e.label())
	})
	return nil
}

func (h *History) evolveRow(r Row, seen spelling) {
	kind, known := r.Int("type")
	success, said := r.Bool("success")
	e := Entry{Version: r.Text("version"), Name: r.Text("description"), By: r.Text("installed_by"), Checksum: r.Text("checksum"), State: Applied, Row: r.Raw()}
	e.AppliedAt, e.Local = r.Time("installed_on")
	_, number := dotted(e.Version)
	switch {
	case !known || kind < evolveMigration || kind > evolveRepeatable:
		h.unknownKind(r, r.Text("type"))
		return
	case kind == evolveNewSchema || kind == evolveEmpty:
		h.Markers = append(h.Markers, Marker{"Evolve found or made the schema", r.Raw()})
		return
	case !said:
		h.cannotRead(r, "it does not say whether it succeeded")
		return
	case kind == evolveRepeatable && e.Name == "":
		h.cannotRead(r, "it has no description that would say which script it is about")
		return
	case kind == evolveRepeatable:
		e.State, e.Key, e.Version = Repeatable, repeatableKey(e.Name), ""
	case !number:
		h.cannotRead(r, "its version %q is none", e.Version)
		return
	case kind != evolveStart:
		e.Key = seen.key(e.Version)
	default:
		e.State, e.Key = Baseline, "start-"+seen.key(e.Version)
		e.File = FileMatch{State: FileUnverifiable, Reason: "it is no script: what comes before this version was not to run"}
	}
	if !success {
		e.State = Failed
	}
	h.Entries = append(h.Entries, e)
}

// Files takes V and R scripts. An option in the first line takes the transaction away.
func (evolve) Files(d *Dir, h *History) (out []File, err error) {
	c := collectScripts(d, h, "name")
	c.all = slices.DeleteFunc(c.all, func(s script) bool { return s.baseline || s.code != "" || s.description == "" })
	found, err := c.one(evolveFits)
	if err != nil {
		return nil, err
	}
	for _, s := range found {
		s.back = ""
		f, err := c.file(s, evolveFits, func(_ string, text []byte) (bool, string, error) {
			first, _, _ := bytes.Cut(text, []byte("\n"))
			return bytes.Contains(bytes.ToLower(first), []byte("evolve-tx-off")), "", nil
		})
		if err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	slices.SortStableFunc(out, compareScripts)
	h.settleEvolve(out)
	return out, nil
}

// settleEvolve says which files need not run, and which Evolve would pass over.
func (h *History) settleEvolve(files []File) {
	line := h.dottedLine()
	for i := range files {
		f := &files[i]
		switch {
		case f.Repeatable:
			if first, _, _ := bytes.Cut(f.Text, []byte("\n")); bytes.Contains(bytes.ToLower(first), []byte("evolve-repeat-always")) {
				h.note(f.Path + " was to run at every migration (evolve-repeat-always); pleat runs a migration once")
			}
		case line.present[f.Key]:
		case line.baseline != "" && compareDotted(f.Version, line.baseline) < 0:
			f.Settled = "it comes before the start version " + line.baseline
		case line.newest != "" && compareDotted(f.Version, line.newest) < 0 && len(line.late) == 0:
			h.gap(f, line.newest)
		}
	}
}

// evolveSums are the MD5 of the text with LF line ends and no byte order mark, which Evolve takes since 1.8, and that of the bytes.
func evolveSums(raw []byte) []sum {
	of := func(text []byte) string {
		text = bytes.TrimPrefix(text, []byte("\ufeff"))
		digest := md5.Sum(bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n")))
		return strings.ToUpper(hex.EncodeToString(digest[:]))
	}
	digest := md5.Sum(raw)
	out := []sum{{of(raw), ""}, {strings.ToUpper(hex.EncodeToString(digest[:])), "Evolve before 1.8, which takes the bytes as they are"}}
	for _, d := range decodings(raw) {
		out = append(out, sum{of(d.text), d.name})
	}
	return out
}

func evolveFits(text []byte, checksum string) bool {
	return slices.ContainsFunc(evolveSums(text), func(s sum) bool { return strings.EqualFold(s.value, checksum) })
}

// Verify compares checksums.
func (evolve) Verify(e *Entry, f *File, _ *History) (FileState, string) {
	if e.Checksum == "" {
		return FileUnverifiable, "Evolve recorded no checksum"
	}
	sums := evolveSums(f.Text)
	for _, s := range sums {
		if strings.EqualFold(s.value, e.Checksum) {
			if s.rule != "" {
				e.remark("its checksum is that of " + s.rule)
			}
			return FileVerified, ""
		}
	}
	return FileMismatched, fmt.Sprintf("Evolve recorded the checksum %s, the file %s has %s", e.Checksum, strconv.Quote(path.Base(f.Path)), sums[0].value)
}
