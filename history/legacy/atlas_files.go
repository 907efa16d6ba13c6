package legacy

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"text/template/parse"

	"github.com/pleatdb/pleat/history/foreign"
	"github.com/pleatdb/pleat/history/migration"
)

const atlasSum = "atlas.sum"

// Files takes the SQL files of one directory, that of atlas.sum where there is one, in the order of their names. The files may have the
// form of another tool, which Atlas can read too.
func (atlas) Files(d *Dir, h *History) (out []File, err error) {
	found := homes{}
	for _, rel := range d.Base(func(base string) bool { return path.Ext(base) == ".sql" && !leadsBack(base) }) {
		found[path.Dir(rel)] = append(found[path.Dir(rel)], rel)
	}
	for dir := range found {
		if summed := slices.ContainsFunc(d.Paths, func(p string) bool { return path.Base(p) == atlasSum }); summed && !d.Has(path.Join(dir, atlasSum)) {
			delete(found, dir)
		}
	}
	recorded := h.recorded()
	home, paths := found.best(h, func(rel string) bool { v, _ := atlasName(path.Base(rel)); return recorded[v] })
	for _, rel := range paths {
		f, err := d.atlasFile(rel)
		if err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	slices.SortStableFunc(out, func(a, b File) int { return strings.Compare(path.Base(a.Path), path.Base(b.Path)) })
	h.own = newAtlasChain(h, out)
	h.atlasSettled(out)
	return out, h.atlasSummed(d, path.Join(home, atlasSum), out)
}

// leadsBack reports whether a file is the way back of golang-migrate or Flyway.
func leadsBack(base string) bool {
	version, _, undo := strings.Cut(strings.TrimPrefix(base, "U"), "__")
	return strings.HasSuffix(base, ".down.sql") || undo && strings.HasPrefix(base, "U") && allDigits(strings.ReplaceAll(version, ".", ""))
}

// atlasName divides VERSION_name.sql. Flyway's V1__name.sql and golang-migrate's 1_name.up.sql are read as Atlas reads them.
func atlasName(base string) (version, name string) {
	base = strings.TrimSuffix(strings.TrimSuffix(base, ".sql"), ".up")
	version, name, _ = strings.Cut(base, "_")
	if rest, ok := strings.CutPrefix(name, "_"); ok && strings.HasPrefix(version, "V") {
		return version[1:], rest
	}
	return version, name
}

func (d *Dir) atlasFile(rel string) (f File, err error) {
	f = File{Path: rel}
	f.Version, f.Name = atlasName(path.Base(rel))
	if f.Text, err = d.Read(rel); err != nil {
		return f, err
	}
	extra := &atlasFile{base: path.Base(rel), template: isTemplate(string(f.Text))}
	for line := range strings.Lines(string(f.Text)) {
		line = strings.TrimRight(line, "\r\n")
		extra.ignored = extra.ignored || strings.HasPrefix(line, "-- atlas:sum ignore")
		extra.checkpoint = extra.checkpoint || line == "-- atlas:checkpoint" || strings.HasPrefix(line, "-- atlas:checkpoint ")
	}
	f.Extra = extra
	if extra.template {
		f.Code = "a template"
		return f, nil
	}
	f.SQL, err = d.atlasSQL(&f)
	return f, err
}

// atlasSQL reads a file by Atlas' conventions, or by those of the tool whose marks it holds.
func (d *Dir) atlasSQL(f *File) (*SQL, error) {
	for _, of := range []struct {
		tool foreign.Tool
		mark string
	}{{foreign.Goose, "-- +goose Up"}, {foreign.Dbmate, "-- migrate:up"}} {
		if !strings.Contains(string(f.Text), of.mark) {
			continue
		}
		m, err := d.Marked(f.Path, of.tool)
		if err != nil {
			break // the marks are there and the name is none of that tool
		}
		return &SQL{m.Up, m.Down, m.HasDown}, nil
	}
	m, err := foreign.ReadOne(foreign.Atlas, filepath.Join(d.Root, filepath.FromSlash(f.Path)), f.Text)
	if err != nil {
		return nil, err
	}
	out := &SQL{Up: m.Up}
	back, isUp := strings.CutSuffix(f.Path, ".up.sql")
	if back += ".down.sql"; !isUp || !d.Has(back) {
		return out, nil
	}
	f.SQL = out
	return out, d.wayBack(f, back)
}

// isTemplate reports whether a text asks a template engine for something; array literals such as {{1,2},{3,4}} do not.
func isTemplate(text string) bool {
	if !strings.Contains(text, "{{") {
		return false
	}
	t := parse.New("")
	t.Mode = parse.SkipFuncCheck
	tree, err := t.Parse(text, "", "", map[string]*parse.Tree{})
	if err != nil || tree.Root == nil {
		return false
	}
	return slices.ContainsFunc(tree.Root.Nodes, asks)
}

// asks reports whether a node is more than text and constants.
func asks(n parse.Node) bool {
	switch n := n.(type) {
	case *parse.TemplateNode, *parse.IfNode, *parse.RangeNode, *parse.WithNode:
		return true
	case *parse.ActionNode:
		return slices.ContainsFunc(n.Pipe.Cmds, func(c *parse.CommandNode) bool {
			switch c.Args[0].(type) {
			case *parse.FieldNode, *parse.VariableNode, *parse.IdentifierNode, *parse.DotNode, *parse.ChainNode:
				return true
			}
			return false
		})
	}
	return false
}

// atlasSettled marks the files that Atlas would not run though they have no row: those below a baseline, those that a checkpoint stands
// for, and checkpoints themselves, which are for empty databases.
func (h *History) atlasSettled(files []File) {
	states := map[string]State{}
	for i := range h.Entries {
		states[h.Entries[i].Key] = h.Entries[i].State
	}
	covered, last := "", -1
	for i := range files {
		f := &files[i]
		switch state, there := states[f.Version]; {
		case there && state == Baseline:
			covered, last = "it lies below the baseline "+f.Version, i
		case !f.Extra.(*atlasFile).checkpoint:
		case there || len(h.Entries) == 0:
			covered, last = "the checkpoint "+f.Path+" stands for it", i
		default:
			f.Settled = "Atlas runs a checkpoint only in an empty database"
		}
	}
	for i := range files {
		if _, there := states[files[i].Version]; i < last && !there && files[i].Settled == "" {
			files[i].Settled = covered
		}
	}
}

// atlasSummed holds atlas.sum against the directory. A file that has a row is held against that instead.
func (h *History) atlasSummed(d *Dir, rel string, files []File) error {
	if !d.Has(rel) {
		if len(files) > 0 {
			h.note("the directory has no " + atlasSum)
		}
		return nil
	}
	raw, err := d.Read(rel)
	if err != nil {
		return err
	}
	text := string(migration.Normalize(raw))
	const next = "look at what changed, then let Atlas write it anew: `atlas migrate hash`"
	if strings.Contains(text, "\n<<<<<<< ") || strings.HasPrefix(text, "<<<<<<< ") {
		h.problem(Mismatch, "", next, "%s holds a merge conflict", rel)
		return nil
	}
	if h.atlasDiffers(files, slices.Collect(strings.Lines(text)), rel, next) {
		return nil
	}
	var lines strings.Builder
	for i := range files {
		if f := files[i].Extra.(*atlasFile); !f.ignored {
			lines.WriteString(f.base + f.sum)
		}
	}
	total := sha256.Sum256([]byte(lines.String()))
	want := "h1:" + base64.StdEncoding.EncodeToString(total[:])
	if first, _, _ := strings.Cut(text, "\n"); strings.TrimSpace(first) != want {
		h.problem(Mismatch, "", next, "the first line of %s is %q, and the files make %q", rel, strings.TrimSpace(first), want)
	}
	return nil
}

// atlasDiffers tells the first line of atlas.sum that is not what the directory makes.
func (h *History) atlasDiffers(files []File, lines []string, rel, next string) bool {
	at := 1
	for i := range files {
		f := files[i].Extra.(*atlasFile)
		if f.ignored {
			continue
		}
		name, sum := "", ""
		if at < len(lines) {
			name, sum, _ = strings.Cut(strings.TrimSpace(lines[at]), " h1:")
		}
		at++
		if name == f.base && sum == f.sum || f.template && name == f.base {
			if f.sum != sum {
				h.note(rel + " cannot be checked from " + files[i].Path + " on, which is a template")
				return true
			}
			continue
		}
		c := h.own.(*atlasChain)
		missing, _ := atlasName(name)
		if e := c.byKey[files[i].Version]; slices.Contains(c.gone, missing) || e != nil && e.Checksum != "" && e.Checksum != f.sum && c.goneBefore(e.Version) == "" {
			return true // the row itself says so
		}
		why := fmt.Sprintf("%s is not as %s has it: the file was edited or moved", files[i].Path, rel)
		if name != f.base {
			why = fmt.Sprintf("%s is not in %s, which has %q in its place", files[i].Path, rel, name)
		}
		h.problem(Mismatch, files[i].Version, next, "%s", why)
		return true
	}
	if at < len(lines) {
		name, _, _ := strings.Cut(strings.TrimSpace(lines[at]), " h1:")
		h.problem(Mismatch, "", "bring the file back, or "+next, "%s names %s, and there is no such file", rel, name)
		return true
	}
	return false
}
