package legacy

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// alembic reads alembic_version of Alembic: one row for each head, and nothing of what ran before. The rest comes from the modules, which
// name what they come after.
type alembic struct{ codeOnly }

func (alembic) Tool() Tool { return Alembic }

// Find takes a table of the one column version_num.
func (alembic) Find(ctx context.Context, db *Database) (out []Source, err error) {
	for i := range db.Tables {
		t := &db.Tables[i]
		named := strings.Contains(strings.ToLower(t.Table), "alembic")
		only := t.Is("version_num character varying|text|character")
		if !only && !(named && t.Has("version_num character varying|text|character")) {
			continue
		}
		strength := Sure
		if !named {
			readable, err := db.readable(ctx, t)
			if err != nil {
				return nil, err
			}
			if !readable {
				continue
			}
			if strength, err = db.alembicRows(ctx, t); err != nil {
				return nil, err
			}
		}
		s, err := db.source(ctx, t, Alembic, strength, "its column version_num")
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
}

// alembicRows judges a table with another name than the usual one by its rows. Ids that Alembic makes are 12 hexadecimal digits; people
// give others, of letters, digits and underscores (it refuses @, +, - and :).
func (db *Database) alembicRows(ctx context.Context, t *Table) (Strength, error) {
	rows, err := db.Sample(ctx, t, 20)
	if err != nil {
		return Possible, err
	}
	made, given := true, true
	for _, r := range rows {
		id := r.Text("version_num")
		made = made && len(id) == 12 && strings.Trim(id, "0123456789abcdef") == ""
		given = given && id != "" && strings.IndexFunc(id, func(c rune) bool {
			return c != '_' && (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z')
		}) < 0
	}
	varying := t.Columns[0].Base() == "character varying" && t.Columns[0].NotNull
	switch {
	case len(rows) > 0 && made:
		return Sure, nil
	case varying && given && len(rows) <= 5:
		return Likely, nil
	}
	return Possible, nil
}

// Read takes the heads. They have no order of their own.
func (alembic) Read(ctx context.Context, q *Reader, h *History) error {
	rows, err := q.Rows(ctx)
	if err != nil {
		return err
	}
	slices.SortStableFunc(rows, byText("version_num"))
	for i, r := range rows {
		id := r.Text("version_num")
		switch {
		case id == "":
			h.problem(Unreadable, "", "delete the row, or set the position with: alembic stamp --purge REVISION",
				"a row of %s names no revision", &h.Source)
			h.Markers = append(h.Markers, Marker{"it names no revision", r.Raw()})
			continue
		case i > 0 && id == rows[i-1].Text("version_num"):
			h.problem(DuplicateVersion, id, "delete one of the rows, or set the position with: alembic stamp --purge "+id,
				"%s holds the revision %s twice", &h.Source, id)
			h.Markers = append(h.Markers, Marker{"the revision is recorded twice", r.Raw()})
			continue
		}
		h.Entries = append(h.Entries, Entry{Version: id, State: Applied, Row: r.Raw()})
	}
	return nil
}

// Files takes the modules of the environment that the history belongs to, in the order of their graph.
func (alembic) Files(d *Dir, h *History) (out []File, err error) {
	all, err := alembicModules(d)
	if err != nil {
		return nil, err
	}
	places, err := alembicPlaces(d)
	if err != nil {
		return nil, err
	}
	all = alembicChoose(all, places, h)
	for _, r := range alembicSort(all, h) {
		out = append(out, File{Version: r.id, Name: r.name, Path: r.path, Text: r.text, Code: "Python", Extra: r})
	}
	return out, nil
}

// Infer makes the entries of all revisions that the heads come after.
func (alembic) Infer(h *History) {
	if !h.HasDir {
		for i := range h.Entries {
			h.Entries[i].Note = "the head of its branch; how many revisions ran before it only the files can tell"
		}
		return
	}
	g := newAlembicGraph(h.Files)
	heads := h.Entries
	h.alembicHeads(g, heads)
	ran := map[string]bool{}
	for _, e := range heads {
		ran[e.Version] = true
		for id := range g.ancestors(e.Version, true) {
			ran[id] = true
		}
	}
	h.Entries = nil
	for _, id := range g.order(func(id string) bool { return ran[id] }, versionsOf(heads)...) {
		e := Entry{Version: id, State: Inferred}
		if i := slices.IndexFunc(heads, func(h Entry) bool { return h.Version == id }); i >= 0 {
			e = heads[i]
		}
		if r := g.revisions[id]; r != nil {
			e.Note = r.note()
		}
		h.Entries = append(h.Entries, e)
	}
}

// alembicHeads finds what is wrong with the recorded position.
func (h *History) alembicHeads(g *alembicGraph, heads []Entry) {
	for i, e := range heads {
		if g.revisions[e.Version] == nil {
			heads[i].File = FileMatch{State: FileUnverifiable, Reason: "no file of the directory has this revision"}
			h.problem(UnknownRevision, e.Version, "bring its file back, or set the position with: alembic stamp --purge REVISION",
				"no file has the revision %s, which is where the database is: Alembic says \"Can't locate revision identified by '%s'\"", e.Version, e.Version)
			continue
		}
		for _, other := range heads {
			switch {
			case other.Version == e.Version || !g.ancestors(other.Version, true)[e.Version]:
			case g.ancestors(other.Version, false)[e.Version]:
				h.problem(UnknownRevision, e.Version, "look at what the database has, and set the position with: alembic stamp --purge "+other.Version,
					"the database is said to be at %s and at %s, which comes after it", e.Version, other.Version)
			default:
				h.note(fmt.Sprintf("%s is recorded beside %s, which depends on it", e.Version, other.Version))
			}
		}
	}
	if len(heads) > 1 {
		h.note(fmt.Sprintf("the database is at %d heads: %s", len(heads), strings.Join(versionsOf(heads), ", ")))
	}
}

func versionsOf(entries []Entry) (out []string) {
	for i := range entries {
		out = append(out, entries[i].Version)
	}
	return out
}

// note says what the module tells of the revision beside its name.
func (r *alembicRevision) note() string {
	var parts []string
	if !r.created.IsZero() {
		parts = append(parts, "its file was made on "+r.created.Format(time.DateTime))
	}
	if len(r.labels) > 0 {
		parts = append(parts, "branch "+strings.Join(r.labels, ", "))
	}
	if len(r.down) > 1 {
		parts = append(parts, "merges "+strings.Join(r.down, ", "))
	}
	return strings.Join(parts, "; ")
}
