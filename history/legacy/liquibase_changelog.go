package legacy

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// changelog is one file of changesets, in the order of its parts.
type changelog struct {
	file  string
	steps []step
}

// step is one part of a changelog: exactly one field is set.
type step struct {
	set      *changeSet
	include  *inclusion
	property *property
}

// inclusion names another changelog, or with all a directory of them.
type inclusion struct {
	path, logical, ending string
	relative, all         bool
}

// changelogs are all changelogs of a directory.
type changelogs struct {
	d    *Dir
	h    *History
	docs map[string]*changelog
	// included are the files that another one includes.
	included map[string]bool
	seen     map[string]bool
	props    []property
	// byBase are all paths by their last part.
	byBase map[string][]string
}

// changelogForms are the endings of changelogs, with the names of their forms.
var changelogForms = map[string]string{".xml": "XML", ".yaml": "YAML", ".yml": "YAML", ".json": "JSON", ".sql": "SQL"}

// readChangelogs parses whatever in the directory is a changelog.
func readChangelogs(d *Dir, h *History) (*changelogs, error) {
	c := &changelogs{d: d, h: h, docs: map[string]*changelog{}, included: map[string]bool{}, seen: map[string]bool{}, byBase: map[string][]string{}}
	for _, rel := range d.Paths {
		c.byBase[path.Base(rel)] = append(c.byBase[path.Base(rel)], rel)
	}
	for _, rel := range d.Paths {
		ext := strings.ToLower(path.Ext(rel))
		if changelogForms[ext] == "" {
			continue
		}
		raw, err := d.Read(rel)
		if err != nil {
			return nil, err
		}
		if ext == ".sql" {
			if doc := formattedSQL(rel, lfText(raw)); doc != nil {
				c.docs[rel] = doc
			}
			continue
		}
		root, err := changelogTree(ext, raw)
		if err != nil {
			h.problem(Unreadable, "", "mend it: `liquibase validate` tells where", "the changelog %s cannot be read: %s", rel, err)
			continue
		}
		if root != nil {
			if c.docs[rel], err = c.fromTree(rel, root); err != nil {
				return nil, err
			}
		}
	}
	c.originals()
	for _, rel := range c.files() {
		for _, s := range c.docs[rel].steps {
			if s.include != nil {
				for _, other := range c.resolve(rel, s.include) {
					c.included[other] = c.included[other] || other != rel
				}
			}
		}
	}
	return c, nil
}

// originals leaves out the copies that a build made of changelogs, where there are others.
func (c *changelogs) originals() {
	if !slices.ContainsFunc(c.files(), func(rel string) bool { return !built(rel) }) {
		return
	}
	for rel := range c.docs {
		if built(rel) {
			delete(c.docs, rel)
		}
	}
}

// files are the paths of all changelogs, sorted.
func (c *changelogs) files() (out []string) {
	for rel := range c.docs {
		out = append(out, rel)
	}
	slices.Sort(out)
	return out
}

// roots are the changelogs that no other includes.
func (c *changelogs) roots() (out []string) {
	for _, rel := range c.files() {
		if !c.included[rel] {
			out = append(out, rel)
		}
	}
	if len(out) == 0 {
		return c.files()
	}
	return out
}

// ordered are the changesets in the order in which Liquibase would take them. Of several roots, those count of which something ran.
func (c *changelogs) ordered(ran func(*changeSet) bool) (out []*changeSet) {
	type tree struct {
		root string
		sets []*changeSet
		ran  int
	}
	var all []tree
	some := false
	for _, root := range c.roots() {
		t := tree{root: root}
		if err := c.walk(root, "", &t.sets); err != nil {
			c.h.problem(Unreadable, "", "look at the file", "the changelog %s cannot be followed: %s", root, err)
		}
		for _, s := range t.sets {
			if ran(s) {
				t.ran++
			}
		}
		some = some || t.ran > 0
		all = append(all, t)
	}
	slices.SortStableFunc(all, func(a, b tree) int { return b.ran - a.ran })
	for _, t := range all {
		if some && t.ran == 0 {
			c.h.note(fmt.Sprintf("of the changelog %s nothing ran in this database, and none that ran includes it: it was left out", t.root))
			continue
		}
		out = append(out, t.sets...)
	}
	for _, s := range out {
		c.expand(s)
	}
	return out
}

// walk follows a changelog and what it includes.
func (c *changelogs) walk(rel, logical string, out *[]*changeSet) error {
	if c.seen[rel] {
		return nil
	}
	c.seen[rel] = true
	doc := c.docs[rel]
	if doc == nil {
		s, err := c.raw(rel)
		if err == nil {
			*out = append(*out, s)
		}
		return err
	}
	for _, s := range doc.steps {
		switch {
		case s.property != nil:
			c.props = append(c.props, *s.property)
		case s.set != nil:
			if s.set.logical == "" {
				s.set.logical = logical
			}
			*out = append(*out, s.set)
		default:
			if err := c.follow(rel, s.include, out); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *changelogs) follow(from string, i *inclusion, out *[]*changeSet) error {
	found := c.resolve(from, i)
	if len(found) == 0 {
		c.h.note(fmt.Sprintf("%s includes %s, which is not in the directory", from, i.path))
	}
	for _, rel := range found {
		if ext := strings.ToLower(path.Ext(rel)); c.docs[rel] == nil && ext != ".sql" {
			continue
		}
		if err := c.walk(rel, i.logical, out); err != nil {
			return err
		}
	}
	return nil
}

// raw is a file of SQL without marks, which Liquibase takes as one changeset.
func (c *changelogs) raw(rel string) (*changeSet, error) {
	text, err := c.d.Read(rel)
	if err != nil {
		return nil, err
	}
	return &changeSet{id: "raw", author: "includeAll", file: rel,
		changes: []change{{kind: "sql", text: lfText(text), line: 1, split: "false", strip: "false"}}}, nil
}

// resolve finds the files that an inclusion names.
func (c *changelogs) resolve(from string, i *inclusion) []string {
	if !i.all {
		if rel := c.locate(from, i.path, i.relative); rel != "" {
			return []string{rel}
		}
		return nil
	}
	dir := changelogPath(i.path)
	if i.relative {
		dir = path.Join(path.Dir(from), dir)
	}
	for ; ; dir = behindFirst(dir) {
		if out := c.inside(from, dir, i.ending); len(out) > 0 {
			return out
		}
		if !strings.Contains(dir, "/") {
			break
		}
	}
	// The search path begins somewhere below: the directory that is nearest to the changelog.
	best, score, dir := "", -1, "/"+changelogPath(i.path)+"/"
	for _, rel := range c.d.Paths {
		at := strings.Index("/"+rel, dir)
		if n := commonHead(rel, from); at >= 0 && n > score {
			best, score = ("/" + rel)[1:at+len(dir)-1], n
		}
	}
	if best == "" {
		return nil
	}
	return c.inside(from, best, i.ending)
}

// inside are the files of a directory, and of those below, that an inclusion of all takes.
func (c *changelogs) inside(from, dir, ending string) (out []string) {
	for _, rel := range c.d.Paths {
		within := dir == "" || dir == "." || strings.HasPrefix(rel, dir+"/")
		if within && rel != from && changelogForms[strings.ToLower(path.Ext(rel))] != "" && strings.HasSuffix(rel, ending) {
			out = append(out, rel)
		}
	}
	return out
}

// behindFirst leaves out the first directory of a path.
func behindFirst(p string) string {
	_, rest, _ := strings.Cut(p, "/")
	return rest
}

// locate finds a file by the name that a changelog has for it. The directory need not be the root of Liquibase's search path: it may be
// above it or below.
func (c *changelogs) locate(from, name string, relative bool) string {
	name = changelogPath(name)
	if relative {
		if at := path.Join(path.Dir(from), name); c.d.Has(at) {
			return at
		}
	}
	for at := name; at != ""; at = behindFirst(at) {
		if c.d.Has(at) {
			return at
		}
	}
	best, score := "", -1
	for _, rel := range c.byBase[path.Base(name)] {
		if !strings.HasSuffix(rel, "/"+name) {
			continue
		}
		if n := commonHead(rel, from); n > score {
			best, score = rel, n
		}
	}
	return best
}

// commonHead counts the directories that two paths share from the front.
func commonHead(a, b string) (n int) {
	x, y := strings.Split(a, "/"), strings.Split(b, "/")
	for n < len(x) && n < len(y) && x[n] == y[n] {
		n++
	}
	return n
}

// changelogPath is a path as Liquibase compares it: without classpath:, with slashes, from no root.
func changelogPath(name string) string {
	name = strings.ReplaceAll(name, `\`, "/")
	for _, prefix := range []string{"classpath*:", "classpath:", "file:"} {
		name = strings.TrimPrefix(name, prefix)
	}
	name = path.Clean("/" + name)
	return strings.TrimPrefix(name, "/")
}
