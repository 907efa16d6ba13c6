package legacy

import (
	"context"
	"slices"
	"strconv"
	"strings"
)

// phinx reads phinxlog of Phinx, PLUGIN_phinxlog and cake_migrations of CakePHP's Migrations: a row per version, deleted when it is taken back.
type phinx struct{ codeOnly }

func (phinx) Tool() Tool { return Phinx }

// cakeLayout is the one table of CakePHP's Migrations 5 for the application and its plugins.
const cakeLayout = "cake"

// Find takes tables of version, start_time and end_time: with migration_name and breakpoint they are like no other's, with less the name must fit.
func (phinx) Find(ctx context.Context, db *Database) ([]Source, error) {
	var sure []Source
	likely, err := db.weigh(ctx, func(t *Table) (suspect, bool) {
		s := suspect{tool: Phinx, why: "its columns version, start_time and end_time"}
		s.usual = t.Table == "phinxlog" || strings.HasSuffix(t.Table, "_phinxlog") || t.Table == "cake_migrations"
		optional := []string{"migration_name " + texts, "breakpoint boolean", "plugin " + texts, "id " + integers}
		if !t.Within([]string{"version " + integers + "|numeric", "start_time " + times, "end_time " + times}, optional) && !(s.usual && t.Has("version", "start_time", "end_time")) {
			return s, false
		}
		full := t.Has("migration_name", "breakpoint")
		if full {
			s.usual = true
			s.why += ", migration_name and breakpoint"
		}
		switch {
		case t.Has("plugin"):
			s.layout = cakeLayout
		case !t.Has("breakpoint"):
			s.layout = "oldest"
		}
		s.form = func(r Row) form {
			v := r.Text("version")
			switch {
			case v == "":
				return silent
			case len(v) == 14 && stamp(v) && t.Has("migration_name"):
				return marked
			}
			return fit(digits(v) == len(v) && full)
		}
		return s, true
	})
	for _, s := range likely {
		if t := db.Lookup(s.Schema, s.Table); t.Has("migration_name", "breakpoint") {
			s.Strength = Sure
		}
		sure = append(sure, s)
	}
	return sure, err
}

// Read takes rows by the time at which they began, then by version: the order in which they ran.
func (phinx) Read(ctx context.Context, q *Reader, h *History) error {
	rows, err := q.Rows(ctx)
	if err != nil {
		return err
	}
	slices.SortStableFunc(rows, each(byTime("start_time"), byInt("version"), byInt("id")))
	for _, r := range rows {
		if !r.Has("version") {
			h.unnamed(r, "version")
			continue
		}
		h.Entries = append(h.Entries, phinxEntry(r))
	}
	return nil
}

func phinxEntry(r Row) Entry {
	e := Entry{Version: r.Text("version"), Name: r.Text("migration_name"), State: Applied, Row: r.Raw()}
	e.Key = phinxKey(r.Text("plugin"), e.Version)
	start, local := r.Time("start_time")
	end, _ := r.Time("end_time")
	switch {
	case !end.IsZero():
		e.AppliedAt, e.Local = r.Time("end_time")
	case !start.IsZero():
		e.AppliedAt, e.Local, e.Note = start, local, "the table does not say when it ended"
	}
	if !start.IsZero() && !end.Before(start) {
		e.Duration = millis(end.Sub(start).Milliseconds())
	}
	if plugin := r.Text("plugin"); plugin != "" {
		e.Note = "of the plugin " + plugin
	}
	if stop, _ := r.Bool("breakpoint"); stop {
		e.Note = strings.TrimPrefix(e.Note+"; a breakpoint: the tool rolls back no further", "; ")
	}
	return e
}

// phinxKey tells a plugin's version apart from the application's.
func phinxKey(plugin, version string) string {
	if plugin == "" {
		return version
	}
	return plugin + "." + version
}

// Files takes VERSION_name.php; in the one table of CakePHP also those of plugins, by their place below plugins/NAME.
func (phinx) Files(d *Dir, h *History) ([]File, error) {
	version := func(p *program) string {
		n := digits(p.stem)
		if n == 0 || n+1 >= len(p.stem) || p.stem[n] != '_' {
			return ""
		}
		v, err := strconv.ParseInt(p.stem[:n], 10, 64)
		if err != nil {
			return ""
		}
		return strconv.FormatInt(v, 10)
	}
	out, err := collect(d, d.hunt(h, quarry{
		codes: []string{"PHP"}, nested: true, anywhere: h.Source.Layout == cakeLayout, strict: func(p *program) bool { return digits(p.stem) == 14 && version(p) != "" },
		key: func(p *program) string {
			v := version(p)
			if v == "" || h.Source.Layout != cakeLayout {
				return v
			}
			return phinxKey(cakePlugin(p.dir), v)
		},
	}))
	if err != nil {
		return nil, err
	}
	have := map[string]bool{}
	for i := range out {
		out[i].Version = out[i].Key[strings.LastIndexByte(out[i].Key, '.')+1:]
		have[out[i].Key] = true
	}
	for i := range h.Entries {
		if e := &h.Entries[i]; e.Key != e.Version && !have[e.Key] {
			e.File.State, e.File.Reason = FileUnverifiable, "it belongs to a plugin, whose files are not in the directory"
		}
	}
	sortByNumber(out)
	return out, nil
}

// cakePlugin is the plugin of a directory plugins/NAME/config/Migrations; empty for the application's own.
func cakePlugin(dir string) string {
	parts := strings.Split(dir, "/")
	if i := slices.Index(parts, "plugins"); i >= 0 && i+1 < len(parts) {
		return parts[i+1]
	}
	return ""
}
