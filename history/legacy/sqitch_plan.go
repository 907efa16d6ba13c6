package legacy

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/pleatdb/pleat/history/foreign"
)

// sqitchChange is a change of a plan.
type sqitchChange struct {
	id, key, name, note string
	// former is the ID that early versions of Sqitch gave, without what comes before, dependencies and note.
	former              string
	planner, date       string
	requires, conflicts []string
	// tags are those behind it, up to its reworking; reworked is set where there is one.
	tags     []string
	reworked bool
}

// sqitchPlan is a plan with the places of its scripts.
type sqitchPlan struct {
	project, uri                string
	path                        string
	deploy, revert, verify, ext string
	changes                     []*sqitchChange
}

// sqitchLine is a change or a tag in a plan: sign and name, what it needs in brackets, when it was planned, by whom, and a note.
var sqitchLine = regexp.MustCompile(`^\s*(\+?)\s*(@?[^\s\[\]#]+)\s*(?:\[([^\]]*)\])?\s*(?:(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)\s+([^<#]*<[^>]*>))?\s*(?:#\s?(.*))?$`)

// readSqitchPlan reads a plan and computes the IDs of its changes.
func readSqitchPlan(text []byte) *sqitchPlan {
	p := &sqitchPlan{}
	last := map[string]*sqitchChange{}
	for line := range strings.Lines(strings.TrimPrefix(string(text), "\ufeff")) {
		line = strings.TrimSpace(line)
		switch {
		case line == "" || line[0] == '#':
			continue
		case line[0] == '%':
			name, value, _ := strings.Cut(line[1:], "=")
			switch strings.TrimSpace(name) {
			case "project":
				p.project = strings.TrimSpace(value)
			case "uri":
				p.uri = strings.TrimSpace(value)
			}
			continue
		case line[0] == '-':
			continue
		}
		m := sqitchLine.FindStringSubmatch(line)
		switch {
		case m == nil:
		case m[2][0] == '@':
			for _, c := range last {
				c.tags = append(c.tags, m[2])
			}
		default:
			c := &sqitchChange{name: m[2], date: m[4], planner: strings.TrimSpace(m[5]), note: sqitchNote(m[6])}
			for _, need := range strings.Fields(m[3]) {
				if other, ok := strings.CutPrefix(need, "!"); ok {
					c.conflicts = append(c.conflicts, other)
				} else {
					c.requires = append(c.requires, need)
				}
			}
			if before := last[c.name]; before != nil {
				before.reworked = true
			}
			last[c.name] = c
			p.changes = append(p.changes, c)
		}
	}
	p.identify()
	return p
}

// sqitchNote is a note without the escapes that keep it in one line.
func sqitchNote(text string) string {
	return strings.NewReplacer(`\\`, `\`, `\n`, "\n", `\r`, "\r").Replace(strings.TrimSpace(text))
}

// identify gives the changes their IDs, as Sqitch does (the SHA-1 of what the plan says and of the ID before it), and the names of their scripts.
func (p *sqitchPlan) identify() {
	parent := ""
	sum := func(lines []string) string {
		info := strings.Join(lines, "\n")
		return sha1Hex([]byte(fmt.Sprintf("change %d\x00%s", len(info), info)))
	}
	needs := func(all []string, sign string) string {
		var out []string
		for _, need := range all {
			out = append(out, sign+strings.TrimPrefix(need, p.project+":"))
		}
		return strings.Join(out, "\n")
	}
	for _, c := range p.changes {
		lines := []string{"project " + p.project}
		if p.uri != "" {
			lines = append(lines, "uri "+canonicalURI(p.uri))
		}
		lines = append(lines, "change "+c.name)
		planned := []string{"planner " + c.planner, "date " + c.date}
		c.former = sum(slices.Concat(lines, planned))
		if parent != "" {
			lines = append(lines, "parent "+parent)
		}
		lines = append(lines, planned...)
		if len(c.requires) > 0 {
			lines = append(lines, "requires", needs(c.requires, "  + "))
		}
		if len(c.conflicts) > 0 {
			lines = append(lines, "conflicts", needs(c.conflicts, "  - "))
		}
		if c.note != "" {
			lines = append(lines, "", c.note)
		}
		c.id = sum(lines)
		parent = c.id
		if c.key = c.name; c.reworked && len(c.tags) > 0 {
			c.key += c.tags[0]
		}
	}
}

// canonicalURI lowers scheme and host, and gives an address of the web a path.
func canonicalURI(uri string) string {
	scheme, rest, ok := strings.Cut(uri, "://")
	if !ok {
		return uri
	}
	host, tail := rest, ""
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		host, tail = rest[:i], rest[i:]
	}
	scheme = strings.ToLower(scheme)
	if tail == "" && (scheme == "http" || scheme == "https") {
		tail = "/"
	}
	return scheme + "://" + strings.ToLower(host) + tail
}

// sqitchPlans finds the plans of a directory, with their configuration. A plan may have any name where sqitch.conf says so.
func (d *Dir) sqitchPlans() (out []*sqitchPlan, err error) {
	seen := map[string]bool{}
	add := func(rel, top string, conf map[string]string) error {
		if seen[rel] || !d.Has(rel) {
			return nil
		}
		seen[rel] = true
		text, err := d.Read(rel)
		if err != nil {
			return err
		}
		p := readSqitchPlan(text)
		if p.project == "" {
			return nil
		}
		p.path, p.ext = rel, "sql"
		place := func(name string) string {
			if v := conf[name+"_dir"]; v != "" {
				return path.Join(path.Dir(conf["at"]), v)
			}
			return path.Join(top, name)
		}
		if v := conf["extension"]; v != "" {
			p.ext = v
		}
		p.deploy, p.revert, p.verify = place("deploy"), place("revert"), place("verify")
		out = append(out, p)
		return nil
	}
	for _, rel := range d.Base(func(base string) bool { return base == "sqitch.conf" }) {
		text, err := d.Read(rel)
		if err != nil {
			return nil, err
		}
		for _, conf := range sqitchConfigs(text) {
			conf["at"] = rel
			top := path.Join(path.Dir(rel), conf["top_dir"])
			plan := path.Join(top, "sqitch.plan")
			if conf["plan_file"] != "" {
				plan = path.Join(path.Dir(rel), conf["plan_file"])
			}
			if err := add(plan, top, conf); err != nil {
				return nil, err
			}
		}
	}
	for _, rel := range d.Base(func(base string) bool { return base == "sqitch.plan" }) {
		if err := add(rel, path.Dir(rel), map[string]string{"at": rel}); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// sqitchConfigs are the settings of each target of a sqitch.conf, and those of the core: what a target does not set, the engine and the core do.
func sqitchConfigs(text []byte) (out []map[string]string) {
	sections := readIni(text)
	var names []string
	for name := range sections {
		if strings.HasPrefix(name, "target") || name == `engine "pg"` || name == "core" || name == "" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	slices.Reverse(names)
	for _, name := range names {
		conf := map[string]string{}
		for _, section := range []string{"core", `engine "pg"`, name} {
			for key, value := range sections[section] {
				if key != "target" {
					conf[key] = value
				}
			}
		}
		out = append(out, conf)
	}
	return out
}

// Files takes the changes of the project's plan, with the scripts that deploy, revert and verify them.
func (sqitch) Files(d *Dir, h *History) (out []File, err error) {
	plans, err := d.sqitchPlans()
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(plans, func(p *sqitchPlan) bool { return p.project == h.Source.Project || h.Source.Project == "" })
	if at < 0 {
		h.note(fmt.Sprintf("no sqitch.plan of the directory is that of the project %s", h.Source.Project))
		return nil, nil
	}
	p := plans[at]
	for _, c := range p.changes {
		rel := d.sqitchScript(p, c)
		if !d.Has(rel) {
			h.note(fmt.Sprintf("%s is in %s, and its script %s is not there", c.name, p.path, rel))
			continue
		}
		f, err := d.sqitchFile(p, c, rel)
		if err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	return out, nil
}

// sqitchScript is the script that deploys a change; one that was reworked has the first tag behind it of which there is a script.
func (d *Dir) sqitchScript(p *sqitchPlan, c *sqitchChange) string {
	if c.reworked {
		for _, tag := range c.tags {
			if rel := path.Join(p.deploy, c.name+tag+"."+p.ext); d.Has(rel) {
				return rel
			}
		}
	}
	return path.Join(p.deploy, c.key+"."+p.ext)
}

// sqitchFile reads the scripts of a change.
func (d *Dir) sqitchFile(p *sqitchPlan, c *sqitchChange, rel string) (f File, err error) {
	f = File{Key: c.key, Name: c.name, Path: rel, Extra: c, SQL: &SQL{}}
	if f.Text, err = d.Read(rel); err != nil {
		return f, err
	}
	if f.SQL.Up, err = d.Whole(rel, foreign.Single); err != nil {
		return f, err
	}
	name := strings.TrimPrefix(rel, p.deploy+"/")
	if back := path.Join(p.revert, name); d.Has(back) {
		if f.SQL.Down, err = d.Whole(back, foreign.Single); err != nil {
			return f, err
		}
		f.SQL.HasDown = len(f.SQL.Down.Units) > 0
		f.Others = append(f.Others, back)
	}
	if check := path.Join(p.verify, name); d.Has(check) {
		f.Others = append(f.Others, check)
	}
	return f, nil
}
