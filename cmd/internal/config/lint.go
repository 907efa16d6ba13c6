package config

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/pleatdb/pleat/planner"
	"github.com/pleatdb/pleat/planner/lint"
	"github.com/pleatdb/pleat/schema/hclfile/eval"
	"github.com/zclconf/go-cty/cty"
)

// FailOn are the values of [Lint.FailOn], from strict to lax: the least severity of a finding that makes lint exit with 2.
var FailOn = []string{"note", "warning", "error", "none"}

// Off is the severity of a finding that is not wanted.
const Off = "off"

// Lint is what a lint block says; a zero field was not said.
type Lint struct {
	FailOn string
	// AdditiveOnly forbids what drops, renames or narrows.
	AdditiveOnly bool
	// RequireForeignKeyIndex asks for an index on the columns of every foreign key.
	RequireForeignKeyIndex bool
	// Qualified asks for a schema before every name.
	Qualified bool
	// MaxLock is the strongest lock on a table that was there before; NoLock: any.
	MaxLock planner.LockMode
	// MaxLockTime is the longest estimated time under a lock that blocks; nil: any.
	MaxLockTime *time.Duration
	// Forbid are codes that no directive can allow.
	Forbid []string
	// Severity sets the severity of findings by code: error, warning, note, or [Off].
	Severity map[string]string
	// Naming are patterns for the names of new objects, by kind.
	Naming []Naming
}

// Naming is the pattern for the names of one kind of object.
type Naming struct {
	Kind    string
	Match   *regexp.Regexp
	Message string
}

// NamedKinds are the kinds for which a naming block can be written.
var NamedKinds = []string{"table", "column", "index", "primary_key", "foreign_key", "unique", "check", "view", "enum", "domain", "sequence", "function",
	"trigger", "schema"}

// Lint evaluates the lint block of an environment over that of the file; an empty name gives the latter. Each attribute, and
// the naming of each kind, replaces that of the file.
func (c *Config) Lint(name string) (*Lint, hcl.Diagnostics) {
	attributes, naming := hcl.Attributes{}, map[string]*hcl.Block{}
	layers := []map[string]*hcl.Block{c.defaults.settings}
	if e, ok := c.environments[name]; ok {
		layers = append(layers, e.settings)
	}
	for _, settings := range layers {
		b := settings["lint"]
		if b == nil {
			continue
		}
		content, _ := b.Body.Content(lintSchema) // what is wrong with it was reported when the file was read
		maps.Copy(attributes, content.Attributes)
		for _, n := range content.Blocks {
			naming[n.Labels[0]] = n
		}
	}
	d := &decoder{config: c, attributes: attributes}
	l := &Lint{
		FailOn: d.oneOf("fail_on", FailOn...), AdditiveOnly: d.flag("additive_only"), RequireForeignKeyIndex: d.flag("require_fk_index"),
		Qualified: d.flag("qualified"),
		MaxLock:   d.lockMode("max_lock"), MaxLockTime: d.duration("max_lock_time"), Forbid: d.codes("forbid"), Severity: d.severities("severity"),
	}
	diags := d.diags
	for _, kind := range slices.Sorted(maps.Keys(naming)) {
		n, more := c.naming(naming[kind])
		l.Naming = append(l.Naming, n)
		diags = append(diags, more...)
	}
	return l, diags
}

var namingSchema = &hcl.BodySchema{Attributes: []hcl.AttributeSchema{{Name: "match", Required: true}, {Name: "message"}}}

var lintSchema = &hcl.BodySchema{
	Blocks: []hcl.BlockHeaderSchema{{Type: "naming", LabelNames: []string{"kind"}}},
	Attributes: []hcl.AttributeSchema{
		{Name: "fail_on"}, {Name: "additive_only"}, {Name: "require_fk_index"}, {Name: "qualified"}, {Name: "max_lock"}, {Name: "max_lock_time"}, {Name: "forbid"},
		{Name: "severity"},
	},
}

// checkLint checks the structure of a lint block.
func checkLint(b *hcl.Block) hcl.Diagnostics {
	content, diags := b.Body.Content(lintSchema)
	seen := map[string]bool{}
	for _, n := range content.Blocks {
		kind := n.Labels[0]
		switch {
		case seen[kind]:
			diags = append(diags, problem(n.LabelRanges[0], "Duplicate block", fmt.Sprintf("The names of %q have a pattern already.", kind)))
		case !slices.Contains(NamedKinds, kind):
			diags = append(diags, problem(n.LabelRanges[0], "Unknown kind", fmt.Sprintf("Names have patterns by kind, and %q is none of %s.%s",
				kind, strings.Join(NamedKinds, ", "), eval.DidYouMean(kind, NamedKinds))))
		}
		seen[kind] = true
		_, more := n.Body.Content(namingSchema)
		diags = append(diags, more...)
	}
	return diags
}

func problem(at hcl.Range, summary, detail string) *hcl.Diagnostic {
	return &hcl.Diagnostic{Severity: hcl.DiagError, Summary: summary, Detail: detail, Subject: &at}
}

func (c *Config) naming(b *hcl.Block) (Naming, hcl.Diagnostics) {
	n := Naming{Kind: b.Labels[0]}
	content, _ := b.Body.Content(namingSchema)
	d := &decoder{config: c, attributes: content.Attributes}
	pattern := d.text("match")
	n.Message = d.text("message")
	if pattern != "" {
		var err error
		if n.Match, err = regexp.Compile(pattern); err != nil {
			d.wrong("match", fmt.Sprintf("%q is no pattern: %s. The syntax is RE2's.", pattern, strings.TrimPrefix(err.Error(), "error parsing regexp: ")))
		}
	} else if _, ok := content.Attributes["match"]; ok && !d.diags.HasErrors() {
		d.wrong("match", "An empty pattern matches every name.")
	}
	return n, d.diags
}

func (d *decoder) flag(name string) bool {
	v, ok := d.value(name, cty.Bool)
	return ok && v.True()
}

// lockMode reads a lock's name as PostgreSQL's documentation writes it, in any case, with or without MODE.
func (d *decoder) lockMode(name string) planner.LockMode {
	text := d.text(name)
	if text == "" {
		return planner.NoLock
	}
	var known []string
	wanted := strings.TrimSuffix(strings.ToUpper(strings.Join(strings.Fields(strings.ReplaceAll(text, "_", " ")), " ")), " MODE")
	for mode := planner.AccessShare; mode <= planner.AccessExclusive; mode++ {
		if mode.String() == wanted {
			return mode
		}
		known = append(known, mode.String())
	}
	d.wrong(name, fmt.Sprintf("%q is no lock of PostgreSQL. The locks are, from weak to strong: %s.%s", text, strings.Join(known, ", "), eval.DidYouMean(wanted, known)))
	return planner.NoLock
}

func (d *decoder) codes(name string) []string {
	codes := d.texts(name)
	for _, code := range codes {
		d.code(name, code)
	}
	return codes
}

// code reports one that is not in the catalogue.
func (d *decoder) code(name, code string) {
	if _, ok := lint.Lookup(code); ok {
		return
	}
	var known []string
	for _, r := range lint.Rules() {
		known = append(known, r.Code)
	}
	d.wrong(name, fmt.Sprintf("There is no finding %q.%s docs/lint.md lists all of them.", code, eval.DidYouMean(code, known)))
}

func (d *decoder) severities(name string) map[string]string {
	v, ok := d.value(name, cty.Map(cty.String))
	if !ok {
		return nil
	}
	words := []string{"error", "warning", "note", Off}
	out := map[string]string{}
	for code, value := range v.AsValueMap() {
		d.code(name, code)
		switch {
		case value.IsNull():
			d.wrong(name, fmt.Sprintf("The severity of %s is null.", code))
		case !slices.Contains(words, value.AsString()):
			d.wrong(name, fmt.Sprintf("The severity of %s must be one of %s, not %q.%s", code, strings.Join(words, ", "), value.AsString(), eval.DidYouMean(value.AsString(), words)))
		default:
			out[code] = value.AsString()
		}
	}
	return out
}
