package legacy

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/pleatdb/pleat/schema"
)

// pgroll reads the migrations of pgroll: a list for each schema that it manages, each row with its parent. Event triggers of its own record
// there what others change, unless their session says otherwise; pleat's sessions do.
type pgroll struct{}

func (pgroll) Tool() Tool { return PgRoll }

// Keys is that of the lock that pgroll holds while it sets its tables up; a migration at work is a row that is not done.
func (pgroll) Keys(*Database, *Source) []int64 { return []int64{0x2c03057fb9525b} }

// Find takes a table with pgroll's columns. Where several schemas have migrations that pgroll ran, each is a history of its own; a schema
// of which only its triggers took note belongs to the one.
func (pgroll) Find(ctx context.Context, db *Database) (out []Source, err error) {
	for i := range db.Tables {
		t := &db.Tables[i]
		if !t.Has("schema", "name", "migration jsonb|json", "created_at "+times, "parent", "done boolean") {
			continue
		}
		s, err := db.source(ctx, t, PgRoll, Sure, "its columns schema, migration, parent and done")
		if err != nil {
			return nil, err
		}
		rows, err := readRows(ctx, db.tx, t.Name, 0)
		if err != nil {
			return nil, err
		}
		if err := db.pgrollPlaces(ctx, t, rows, &s); err != nil {
			return nil, err
		}
		counts := map[string]int64{}
		for _, r := range rows {
			if pgrollKind(r) != "inferred" && r.Has("schema") {
				counts[r.Text("schema")]++
			}
		}
		if len(counts) < 2 {
			out = append(out, s)
			continue
		}
		for name, n := range counts {
			p := s
			p.Project, p.Rows = name, n
			out = append(out, p)
		}
	}
	slices.SortStableFunc(out, func(a, b Source) int { return strings.Compare(a.Schema+"\x00"+a.Project, b.Schema+"\x00"+b.Project) })
	return out, nil
}

// pgrollPlaces finds what is pgroll's beside its table: its own schema, and the schemas of views that it made for versions.
func (db *Database) pgrollPlaces(ctx context.Context, t *Table, rows []Row, s *Source) error {
	s.OwnSchema = true
	for i := range db.Tables {
		if o := &db.Tables[i]; o.Schema == t.Schema && o.Table != t.Table && !strings.HasPrefix(o.Table, "pgroll_") {
			s.OwnSchema = false
		}
	}
	if version := db.Lookup(t.Schema, "pgroll_version"); version != nil {
		s.Beside = append(s.Beside, version.Name)
	}
	var names []string
	for _, r := range rows {
		names = append(names, r.Text("schema")+"_"+pgrollVersion(r))
	}
	// A schema that holds more than views is none that pgroll made for a version.
	err := db.tx.QueryRow(ctx, `SELECT coalesce(pg_catalog.array_agg(n.nspname::text ORDER BY n.nspname), '{}') FROM pg_catalog.pg_namespace n
		WHERE n.nspname::text = ANY ($1::text[]) AND NOT EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.relnamespace = n.oid AND c.relkind <> 'v')`, exec, names).Scan(&s.Schemas)
	if err != nil {
		return fmt.Errorf("look for the version schemas of pgroll: %w", err)
	}
	return nil
}

// pgrollVersion is the name of the version schema of a migration.
func pgrollVersion(r Row) string {
	if m, ok := r.Value("migration").(map[string]any); ok {
		if v, ok := m["version_schema"].(string); ok && v != "" {
			return v
		}
	}
	return r.Text("name")
}

// Read follows the rows from parent to child.
func (pgroll) Read(ctx context.Context, q *Reader, h *History) error {
	rows, err := q.Rows(ctx)
	if err != nil {
		return err
	}
	rows = slices.DeleteFunc(rows, func(r Row) bool {
		return q.Source.Project != "" && r.Has("schema") && r.Text("schema") != q.Source.Project
	})
	var schemas, ran []string
	lists := map[string][]Row{}
	for _, r := range rows {
		name := r.Text("schema")
		if r.Text("name") == "" || name == "" {
			h.cannotRead(r, "it names no migration or no schema")
			continue
		}
		if lists[name] == nil {
			schemas = append(schemas, name)
		}
		if pgrollKind(r) != "inferred" && !slices.Contains(ran, name) {
			ran = append(ran, name)
		}
		lists[name] = append(lists[name], r)
	}
	slices.SortFunc(schemas, func(a, b string) int {
		if x, y := slices.Contains(ran, a), slices.Contains(ran, b); x != y {
			return boolInt(y) - boolInt(x)
		}
		return strings.Compare(a, b)
	})
	own := map[string]any{}
	h.own = own
	for _, name := range schemas {
		main := len(ran) > 0 && slices.Contains(ran, name) || len(schemas) == 1
		for _, r := range h.pgrollChain(lists[name]) {
			own[h.pgrollRow(r, main)] = r.Value("migration")
		}
	}
	h.pgrollNotes()
	return nil
}

// pgrollChain puts rows behind their parents; by the time of their making where those say nothing.
func (h *History) pgrollChain(rows []Row) (out []Row) {
	slices.SortStableFunc(rows, each(byTime("created_at"), byText("name")))
	with, parents := map[string][]Row{}, map[string]string{}
	var ids []string
	for _, r := range rows {
		id := r.Text("name")
		if with[id] == nil {
			ids = append(ids, id)
		}
		with[id] = append(with[id], r)
		parents[id] = r.Text("parent")
	}
	roots := 0
	for _, id := range topological(ids, func(id string) []string { return []string{parents[id]} }, func(string) bool { return true }) {
		if parents[id] == "" || with[parents[id]] == nil {
			roots++
		}
		out = append(out, with[id]...)
	}
	if roots != 1 {
		h.note(fmt.Sprintf("the migrations of %s are no one list: %d of them have no parent that is there, and their order is that of their making", h.Source.String(), roots))
	}
	return out
}

// pgrollKind is the kind of a row. Before there was a column for it, what the triggers recorded was called sql_ and a random text.
func pgrollKind(r Row) string {
	kind := r.Text("migration_type")
	switch m, _ := r.Value("migration").(map[string]any); {
	case kind != "":
		return kind
	case strings.HasPrefix(r.Text("name"), "sql_") && (m["sql"] != nil || m["operations"] != nil):
		return "inferred"
	}
	return "pgroll"
}

// pgrollRow makes an entry of a row, and gives its key. main is the schema whose files are in the directory.
func (h *History) pgrollRow(r Row, main bool) string {
	name := r.Text("name")
	e := Entry{Key: name, Name: name, State: Applied, Row: r.Raw()}
	if !main {
		e.Key = r.Text("schema") + "." + name
	}
	e.AppliedAt, e.Local = r.Time("created_at")
	done, known := r.Bool("done")
	switch kind := pgrollKind(r); kind {
	case "pgroll":
	case "inferred":
		e.State, e.Note = Inferred, "made by others than pgroll, whose trigger recorded it"
		e.File = FileMatch{State: FileUnverifiable, Reason: "it was made without a file"}
	case "baseline":
		e.State = Baseline
	default:
		h.Markers = append(h.Markers, Marker{"of a kind that is not known", r.Raw()})
		h.problem(UnknownKind, e.Key, "look at the row: pgroll up to 0.16 writes pgroll, inferred and baseline", "%s is of a kind %q", name, kind)
		return e.Key
	}
	if known && !done {
		e.State = Failed
		h.problem(HalfApplied, e.Key, "end it with: pgroll complete (or take it back with: pgroll rollback)",
			"the migration %s of the schema %s is started and not completed: both versions of the schema are in use", name, r.Text("schema"))
	}
	h.Entries = append(h.Entries, e)
	return e.Key
}

// pgrollNotes says what stays of pgroll.
func (h *History) pgrollNotes() {
	if len(h.Source.Schemas) > 0 {
		var list []string
		for _, s := range h.Source.Schemas {
			list = append(list, schema.Quote(s))
		}
		h.note("the version schemas " + strings.Join(list, ", ") + " hold pgroll's views, through which applications may work: drop them when none does any more")
	}
	h.note("pgroll's event triggers stay, and record what anybody but pleat and pgroll changes: DROP EVENT TRIGGER pg_roll_handle_ddl and pg_roll_handle_drop end that")
}
