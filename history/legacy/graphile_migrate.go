package legacy

import (
	"bytes"
	"context"
	"crypto/sha1" // the tool's own algorithm
	"encoding/hex"
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/pleatdb/pleat/history/foreign"
)

// graphile reads graphile_migrate.migrations of Graphile Migrate: a chain of hashes, each of the hash before it and the text.
type graphile struct{}

func (graphile) Tool() Tool { return GraphileMigrate }

// Keys is that of the lock of version 2; version 1 takes none.
func (graphile) Keys(*Database, *Source) []int64 { return []int64{4727445306447283} }

// Find takes tables with its four columns: in its own schema, which the tool does not let one choose, else by hashes of its form.
func (graphile) Find(ctx context.Context, db *Database) ([]Source, error) {
	const own = "graphile_migrate"
	out, err := db.weigh(ctx, func(t *Table) (suspect, bool) {
		if !t.Has("hash "+texts, "previous_hash "+texts, "filename "+texts, "date "+times) {
			return suspect{}, false
		}
		s := suspect{tool: GraphileMigrate, usual: t.Schema == own && t.Table == "migrations", form: graphileForm, why: "its columns hash, previous_hash and filename"}
		if current := db.Lookup(t.Schema, "current"); current != nil && current.Has("filename", "content") {
			s.beside = []Name{current.Name}
		}
		return s, true
	})
	for i := range out {
		out[i].OwnSchema = out[i].Schema == own
	}
	return out, err
}

// graphileForm knows hashes with their algorithm, and names that begin with six digits.
func graphileForm(r Row) form {
	switch hash := r.Text("hash"); {
	case hash == "" && r.Text("filename") == "":
		return silent
	case strings.HasPrefix(hash, "sha") && strings.Contains(hash, ":") && digits(r.Text("filename")) >= 6:
		return marked
	}
	return alien
}

// Read follows the chain from its begin.
func (g graphile) Read(ctx context.Context, q *Reader, h *History) error {
	rows, err := q.Rows(ctx)
	if err != nil {
		return err
	}
	slices.SortStableFunc(rows, each(byText("filename"), byTime("date")))
	for _, r := range chain(h, rows) {
		name := r.Text("filename")
		if name == "" || r.Text("hash") == "" {
			h.cannotRead(r, "filename %q, hash %q", name, r.Text("hash"))
			continue
		}
		e := Entry{Key: graphileKey(name), Checksum: r.Text("hash"), State: Applied, Row: r.Raw()}
		e.Version = e.Key
		_, e.Name = graphileName(name)
		e.AppliedAt, e.Local = r.Time("date")
		h.Entries = append(h.Entries, e)
	}
	return g.current(ctx, q, h)
}

// chain orders rows by their links. What no link leads to follows by name, and is a problem.
func chain(h *History, rows []Row) (out []Row) {
	next := map[string][]int{}
	for i, r := range rows {
		next[r.Text("previous_hash")] = append(next[r.Text("previous_hash")], i)
	}
	seen := make([]bool, len(rows))
	broken := len(next[""]) > 1
	at := ""
	for len(next[at]) > 0 {
		i := next[at][0]
		broken = broken || len(next[at]) > 1
		if seen[i] {
			break
		}
		seen[i] = true
		out = append(out, rows[i])
		if at = rows[i].Text("hash"); at == "" {
			break
		}
	}
	for i, r := range rows {
		if !seen[i] {
			out, broken = append(out, r), true
		}
	}
	if broken {
		h.problem(Unreadable, "", "compare its rows with the headers of the files in migrations/committed", "the hashes of %s are no single chain", &h.Source)
	}
	return out
}

// current looks whether the migration that is being worked on has run here: it is not committed yet.
func (graphile) current(ctx context.Context, q *Reader, h *History) error {
	for _, name := range q.Source.Beside {
		rows, err := q.RowsOf(ctx, name.Schema, name.Table)
		if err != nil {
			return err
		}
		for _, r := range rows {
			s := foreign.Cut(r.Text("filename"), []byte(r.Text("content")), foreign.Wrapped)
			if len(s.Units) > 0 || len(s.Problems) > 0 {
				h.problem(HalfApplied, "", "commit it (graphile-migrate commit), or take back what it did, empty migrations/current.sql and run graphile-migrate watch --once",
					"the current migration (%s), which is not committed, has run on this database", r.Text("filename"))
			}
		}
	}
	return nil
}

// graphileName splits 000001-create_users.sql.
func graphileName(base string) (number, name string) {
	number, rest := digitsFirst(strings.TrimSuffix(base, ".sql"))
	return number, strings.TrimPrefix(rest, "-")
}

// graphileKey is what identifies a migration: its number, which is all that the table has since files may have a name.
func graphileKey(base string) string {
	if number, _ := graphileName(base); number != "" {
		return number
	}
	return base
}

// committed is what a file says of itself.
type committed struct {
	headers map[string]string
	body    string
	noTx    bool
}

// readCommitted reads the lines "--! Name: value" that a file begins with. With other line ends than LF the tool finds none.
func readCommitted(text string) committed {
	c := committed{headers: map[string]string{}, body: text}
	for line := range strings.Lines(text) {
		rest, ok := strings.CutPrefix(strings.TrimSuffix(line, "\n"), "--! ")
		if !ok || rest == "" || rest[0] < 'A' || rest[0] > 'Z' || strings.HasSuffix(rest, "\r") {
			break
		}
		name, value, _ := strings.Cut(rest, ":")
		if strings.ContainsAny(name, " \t") {
			break
		}
		c.headers[name] = strings.TrimSpace(value)
		c.body = c.body[len(line):]
	}
	first, _, _ := strings.Cut(strings.TrimSpace(c.body), "\n")
	rest, marked := strings.CutPrefix(first, "--!")
	c.noTx = marked && strings.HasPrefix(strings.TrimSpace(rest), "no-transaction")
	return c
}

// Files takes committed migrations. current.sql is none.
func (g graphile) Files(d *Dir, h *History) (out []File, err error) {
	placeholders := g.placeholders(d, h)
	for _, rel := range d.Paths {
		base := path.Base(rel)
		number, _ := graphileName(base)
		if base == "current.sql" || path.Base(path.Dir(rel)) == "current" && path.Ext(base) == ".sql" {
			if s, err := d.Whole(rel, foreign.Wrapped); err != nil {
				return nil, err
			} else if len(s.Units) > 0 {
				h.note(rel + " holds SQL that is not committed: it is no migration yet, and pleat leaves it alone")
			}
			continue
		}
		if len(number) < 6 || path.Ext(base) != ".sql" {
			continue
		}
		f := File{Version: number, Path: rel, SQL: &SQL{}}
		_, f.Name = graphileName(base)
		if f.Text, err = d.Read(rel); err != nil {
			return nil, err
		}
		c := readCommitted(string(f.Text))
		if len(c.headers) == 0 && path.Base(path.Dir(rel)) != "committed" {
			continue
		}
		mode := foreign.Wrapped
		if c.noTx {
			mode = foreign.Single
		}
		if f.SQL.Up, err = d.Whole(rel, mode); err != nil {
			return nil, err
		}
		for _, p := range placeholders {
			if bytes.Contains(f.Text, []byte(p)) {
				f.SQL, f.Code = nil, "SQL with the placeholder "+p
				break
			}
		}
		out = append(out, f)
	}
	sortByNumber(out)
	return out, nil
}

// placeholders are what the tool replaces in a text: two of its own, and those of .gmrc.
func (graphile) placeholders(d *Dir, h *History) []string {
	out := []string{":DATABASE_NAME", ":DATABASE_OWNER"}
	for _, rel := range d.Base(func(base string) bool { return base == ".gmrc" }) {
		text, err := d.Read(rel)
		if err != nil {
			continue
		}
		var settings struct {
			Placeholders map[string]any `json:"placeholders"`
		}
		if err := json.Unmarshal(text, &settings); err != nil {
			h.note(fmt.Sprintf("%s is not plain JSON, so that its placeholders are not known", rel))
			continue
		}
		for name := range settings.Placeholders {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// Verify makes the hash of the hash before it and the text without its headers.
func (graphile) Verify(e *Entry, f *File, _ *History) (FileState, string) {
	c := readCommitted(string(f.Text))
	got := c.hash(e.Checksum)
	_, allowed := c.headers["AllowInvalidHash"]
	unix := readCommitted(strings.ReplaceAll(strings.TrimPrefix(string(f.Text), "\ufeff"), "\r\n", "\n"))
	switch {
	case got == "":
		return FileUnverifiable, "its hash " + e.Checksum + " is of a kind that is not known"
	case got == e.Checksum:
		return FileVerified, ""
	case allowed && c.headers["Hash"] == e.Checksum:
		return FileUnverifiable, "its header AllowInvalidHash says that the hash is not that of its text"
	case unix.hash(e.Checksum) == e.Checksum:
		return FileMismatched, "its line ends are CRLF, or it has a byte order mark: Graphile Migrate finds no headers in it"
	}
	return FileMismatched, "the hash of its text is " + got + ", and " + e.Checksum + " was recorded"
}

// hash is made with the algorithm of a recorded one; empty where that is not known.
func (c *committed) hash(recorded string) string {
	before := c.headers["Previous"]
	if before == "-" {
		before = ""
	}
	text := []byte(strings.TrimSpace(before+"\n"+strings.TrimSpace(c.body)) + "\n")
	kind, _, _ := strings.Cut(recorded, ":")
	switch kind {
	case "sha1":
		sum := sha1.Sum(text) // the tool's own algorithm
		return kind + ":" + hex.EncodeToString(sum[:])
	case "sha256":
		return kind + ":" + sha256Hex(text)
	}
	return ""
}
