package legacy

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/pleatdb/pleat/history/foreign"
	"github.com/pleatdb/pleat/schema/sqltext"
)

// digitsFirst divides a name behind its leading digits; first is empty where it has none.
func digitsFirst(name string) (first, rest string) {
	n := digits(name)
	return name[:n], name[n:]
}

// allDigits reports whether a text is digits and nothing else.
func allDigits(text string) bool { return text != "" && digits(text) == len(text) }

// plainNumber is a number, without leading zeros.
func plainNumber(number string) string {
	if short := strings.TrimLeft(number, "0"); short != "" || number == "" {
		return short
	}
	return "0"
}

// everyRow reports whether there are rows and all of them are as wanted.
func everyRow(rows []Row, fits func(r Row) bool) bool {
	return len(rows) > 0 && !slices.ContainsFunc(rows, func(r Row) bool { return !fits(r) })
}

// cannotRead keeps a row that says nothing this reader knows, as a marker and a problem.
func (h *History) cannotRead(r Row, format string, args ...any) {
	why := fmt.Sprintf(format, args...)
	h.Markers = append(h.Markers, Marker{"not understood: " + why, r.Raw()})
	h.problem(Unreadable, "", "look at the row, and set it right or remove it by hand", "a row of %s cannot be understood: %s", &h.Source, why)
}

// homeOf keeps, of paths that have a tool's form, those of the one directory that fits the entries best. key is that of a path's migration.
func (h *History) homeOf(paths []string, key func(rel string) string) []string {
	recorded := h.recorded()
	dirs := homes{}
	for _, p := range paths {
		dirs[path.Dir(p)] = append(dirs[path.Dir(p)], p)
	}
	if own := slices.DeleteFunc(slices.Collect(maps.Keys(dirs)), ofOtherDatabase); len(own) > 0 {
		maps.DeleteFunc(dirs, func(dir string, _ []string) bool { return !slices.Contains(own, dir) })
	}
	_, best := dirs.best(h, func(rel string) bool { return recorded[key(rel)] })
	return best
}

// ofOtherDatabase reports whether a directory holds, by its name, migrations for another product: projects that support several have one
// for each, with the same versions.
func ofOtherDatabase(dir string) bool {
	others := []string{"mysql", "mariadb", "sqlite", "sqlite3", "mssql", "sqlserver", "oracle", "clickhouse", "cockroach", "cockroachdb", "cassandra", "mongodb", "spanner", "duckdb"}
	return slices.ContainsFunc(strings.Split(strings.ToLower(dir), "/"), func(part string) bool { return slices.Contains(others, part) })
}

// besides keeps the paths that lie in a directory with at least one file that is the tool's beyond doubt.
func (d *Dir) besides(paths []string, proves func(rel string, text []byte) bool) (out []string) {
	proven := map[string]bool{}
	for _, p := range paths {
		if proven[path.Dir(p)] {
			continue
		}
		// A file that cannot be read proves nothing. Where it is among the tool's, reading it again says why.
		if text, err := d.Read(p); err == nil {
			proven[path.Dir(p)] = proves(p, text)
		}
	}
	for _, p := range paths {
		if proven[path.Dir(p)] {
			out = append(out, p)
		}
	}
	return out
}

// oneMessage reads a file that the tool sends to the server as it is. Where that cannot have been, because the server refuses a
// statement of it inside of a transaction, the statements were sent one by one.
func (d *Dir) oneMessage(rel string) (foreign.Script, error) {
	s, err := d.Whole(rel, foreign.OneQuery)
	if err != nil {
		return s, err
	}
	alone := slices.ContainsFunc(s.Units, func(u foreign.Unit) bool {
		return u.OneMessage && slices.ContainsFunc(u.Statements, func(st foreign.Statement) bool { return !sqltext.Classify(st.SQL).Transactional })
	})
	if alone {
		return d.Whole(rel, foreign.Single)
	}
	return s, nil
}

// wayBack adds the file that leads back to a migration.
func (d *Dir) wayBack(f *File, rel string) error {
	down, err := d.oneMessage(rel)
	if err != nil {
		return err
	}
	f.SQL.Down, f.SQL.HasDown = down, len(down.Units) > 0
	f.Others = append(f.Others, rel)
	return nil
}

// inferUpTo puts an entry before the position, which is the only one, for each file that comes before it.
func (h *History) inferUpTo(position Entry) {
	h.Entries = nil
	known := false
	for i, f := range h.Files {
		order := compareNumbers(f.Version, position.Version)
		known = known || order == 0
		if order >= 0 || f.Settled != "" || i > 0 && h.Files[i-1].Version == f.Version {
			continue
		}
		h.Entries = append(h.Entries, Entry{Version: f.Version, Name: f.Name, State: Inferred, Note: "it comes before version " + position.Version + ", where the database is"})
	}
	if !known && position.State != Failed {
		h.problem(UnknownRevision, position.Version, "give the directory from which the database was brought there",
			"the database is at version %s, and no file of the directory has it", position.Version)
		position.File = FileMatch{State: FileUnverifiable, Reason: "the directory does not know this version"}
	}
	h.Entries = append(h.Entries, position)
}

// isTimestamp reports whether a version is a time as most generators write it: YYYYMMDDhhmmss and nothing else.
func isTimestamp(version string) bool { return len(version) == 14 && stamp(version) }
