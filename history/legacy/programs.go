package legacy

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// program is a source file that could be a migration.
type program struct {
	// rel is its path, dir the directory, stem the base name without its ending.
	rel, dir, stem string
	// code is the language.
	code string
	// key is what the tool would record.
	key string
}

// languages are the endings of programs. The longer ones come first.
var languages = []struct{ ending, code string }{
	{".d.ts", ""}, {".d.mts", ""}, {".d.cts", ""}, {".designer.cs", ""}, {".designer.vb", ""},
	{".js", "JavaScript"}, {".mjs", "JavaScript"}, {".cjs", "JavaScript"}, {".ts", "TypeScript"}, {".mts", "TypeScript"}, {".cts", "TypeScript"},
	{".coffee", "CoffeeScript"}, {".php", "PHP"}, {".exs", "Elixir"}, {".cs", "C#"}, {".vb", "Visual Basic"}, {".fs", "F#"}, {".sql", "SQL"},
}

// language is that of a file by its ending; empty where it is none that migrations are written in.
func language(base string) (ending, code string) {
	lower := strings.ToLower(base)
	for _, l := range languages {
		if strings.HasSuffix(lower, l.ending) && len(lower) > len(l.ending) {
			return l.ending, l.code
		}
	}
	return "", ""
}

// scripted are the languages that run on Node.
var scripted = []string{"JavaScript", "TypeScript", "CoffeeScript"}

// bare is a recorded file name without the ending of a program that runs on Node: what is recorded as .js may be .ts in the checkout.
func bare(name string) string {
	if ending, code := language(name); slices.Contains(scripted, code) {
		return name[:len(name)-len(ending)]
	}
	return name
}

// quarry says which programs are a tool's migrations.
type quarry struct {
	// codes are the languages.
	codes []string
	// key is what the tool would record of a file.
	key func(*program) string
	// strict reports whether the name has the form that the tool gives.
	strict func(*program) bool
	// loose is set where the tool takes every program in its directory.
	loose bool
	// nested is set where the tool also looks below its directory.
	nested bool
	// anywhere is set where the tool has several directories that need not lie together.
	anywhere bool
}

// hunt finds the programs that are migrations: those that are recorded, and those that lie where recorded ones lie; where none is recorded,
// those of the tool's form. What has the form and lies elsewhere is left out with a note: it may be for another database.
func (d *Dir) hunt(h *History, q quarry) (out []program) {
	recorded := h.recorded()
	all := d.programs(&q)
	var dirs, homes, left []string
	for i := range all {
		if p := &all[i]; recorded[p.key] && !p.within(compiled) && !p.within(others) {
			dirs, homes = once(dirs, p.dir), once(homes, home(p.dir))
		}
	}
	for i := range all {
		p := &all[i]
		near := slices.Contains(dirs, p.dir) || q.nested && slices.ContainsFunc(homes, func(dir string) bool {
			return dir == "." || p.dir == dir || strings.HasPrefix(p.dir, dir+"/")
		})
		switch strict := q.strict(p); {
		case p.key == "" || p.within(others) && !recorded[p.key]:
		case recorded[p.key], near && strict, q.loose && slices.Contains(dirs, p.dir) && !p.tooling(),
			strict && (len(homes) == 0 || q.anywhere) && !p.within(seeding):
			out = append(out, *p)
		case strict && !p.within(seeding) && !p.within(compiled):
			left = once(left, p.dir)
		}
	}
	if len(left) > 0 {
		h.note(fmt.Sprintf("files of the form of %s's migrations are left out because nothing that is recorded lies beside them: in %s", h.Source.Tool, shorten(strings.Join(left, ", "))))
	}
	return originals(out)
}

// programs are the files in a quarry's languages.
func (d *Dir) programs(q *quarry) (out []program) {
	for _, rel := range d.Paths {
		base := path.Base(rel)
		ending, code := language(base)
		if !slices.Contains(q.codes, code) || strings.HasPrefix(base, ".") {
			continue
		}
		p := program{rel: rel, dir: path.Dir(rel), stem: base[:len(base)-len(ending)], code: code}
		p.key = q.key(&p)
		out = append(out, p)
	}
	return out
}

// seeding are directories of rows to begin with.
func seeding(part string) bool { return strings.Contains(part, "seed") }

// once adds a text that is not there yet.
func once(all []string, text string) []string {
	if slices.Contains(all, text) {
		return all
	}
	return append(all, text)
}

// recorded are the keys of the entries.
func (h *History) recorded() map[string]bool {
	out := make(map[string]bool, len(h.Entries))
	for i := range h.Entries {
		out[h.Entries[i].Key] = true
	}
	return out
}

// home is the directory of migrations to which a directory belongs: migrations/2024 belongs to migrations.
func home(dir string) string {
	for at := dir; at != "." && at != "/"; at = path.Dir(at) {
		if strings.EqualFold(path.Base(at), "migrations") {
			return at
		}
	}
	return dir
}

// within reports whether one of the directories above a program is of a kind.
func (p *program) within(kind func(part string) bool) bool {
	return slices.ContainsFunc(strings.Split(strings.ToLower(p.dir), "/"), kind)
}

// compiled are directories of what compilers write.
func compiled(part string) bool {
	return slices.Contains([]string{"dist", "build", "out", "_build", "bin", "obj", ".next", ".output"}, part)
}

// others are directories of other people's code.
func others(part string) bool {
	return part == "vendor" || part == "deps" || part == "bower_components"
}

// tooling are programs beside migrations that are none.
func (p *program) tooling() bool {
	return p.stem == "index" || p.stem == "knexfile" || strings.HasSuffix(p.stem, ".config") || strings.HasSuffix(p.stem, ".test") || strings.HasSuffix(p.stem, ".spec")
}

// originals keeps, of several files with one key, what people write: not what was compiled of it, and not a copy in other people's code.
func originals(all []program) []program {
	rank := func(p *program) int {
		n := 0
		if p.within(compiled) || p.within(others) {
			n += 2
		}
		if p.code == "JavaScript" {
			n++
		}
		return n
	}
	best := map[string]int{}
	for i := range all {
		if n, ok := best[all[i].key]; !ok || rank(&all[i]) < n {
			best[all[i].key] = rank(&all[i])
		}
	}
	return slices.DeleteFunc(all, func(p program) bool { return rank(&p) > best[p.key] })
}

// file makes a migration of a program.
func (p *program) file(d *Dir) (File, error) {
	version, name := cutStamp(p.stem)
	f := File{Key: p.key, Version: version, Name: name, Path: p.rel, Code: p.code}
	var err error
	f.Text, err = d.Read(p.rel)
	return f, err
}

// collect makes migrations of programs.
func collect(d *Dir, all []program) (out []File, err error) {
	for i := range all {
		f, err := all[i].file(d)
		if err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	return out, nil
}

// sortByBase orders files by their base names, which is what most tools do.
func sortByBase(files []File) {
	slices.SortStableFunc(files, func(a, b File) int {
		if n := strings.Compare(stem(a.Path), stem(b.Path)); n != 0 {
			return n
		}
		return strings.Compare(a.Path, b.Path)
	})
}
