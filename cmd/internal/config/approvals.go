package config

import (
	"maps"
	"math"
	"path/filepath"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
)

// Approvals is what an approvals block says; nothing needs an approval where Required is 0.
type Approvals struct {
	// Required is how many people must sign what would run.
	Required int
	// Keys are those that may: paths of allowed_signers files, or lines of one.
	Keys []string
	// RunnerKeys are public keys, as paths or lines, that the process which applies can use and that therefore do not count.
	RunnerKeys []string
	// Lifetime is how long an approval counts; 0: until something else runs.
	Lifetime time.Duration
}

var approvalsSchema = &hcl.BodySchema{Attributes: []hcl.AttributeSchema{{Name: "required"}, {Name: "keys"}, {Name: "runner_keys"}, {Name: "lifetime"}}}

// checkApprovals checks the structure of an approvals block.
func checkApprovals(b *hcl.Block) hcl.Diagnostics {
	_, diags := b.Body.Content(approvalsSchema)
	return diags
}

// Approvals evaluates the approvals block of an environment over that of the file; an empty name gives the latter. Each attribute
// replaces that of the file.
func (c *Config) Approvals(name string) (*Approvals, hcl.Diagnostics) {
	attributes := hcl.Attributes{}
	var last *hcl.Block
	layers := []map[string]*hcl.Block{c.defaults.settings}
	if e, ok := c.environments[name]; ok {
		layers = append(layers, e.settings)
	}
	for _, settings := range layers {
		if b := settings["approvals"]; b != nil {
			content, _ := b.Body.Content(approvalsSchema) // what is wrong with it was reported when the file was read
			maps.Copy(attributes, content.Attributes)
			last = b
		}
	}
	if last == nil {
		return &Approvals{}, nil
	}
	d := &decoder{config: c, attributes: attributes}
	a := &Approvals{Required: int(d.count("required", math.MaxInt16)), Keys: d.lines("keys"), RunnerKeys: d.lines("runner_keys")}
	if a.Required == 0 {
		a.Required = 1
	}
	if period := d.period("lifetime"); period != nil {
		a.Lifetime = *period
	}
	if len(a.Keys) == 0 && !d.diags.HasErrors() {
		d.diags = append(d.diags, &hcl.Diagnostic{Severity: hcl.DiagError, Summary: "Missing keys", Subject: &last.DefRange,
			Detail: `Nobody could approve: say who may, with keys = "allowed_signers" (a file as ssh-keygen reads it) or with such lines themselves.`})
	}
	return a, d.diags
}

// lines are texts, one or a list; one without a space is a path, written relative to the project file.
func (d *decoder) lines(name string) []string {
	var out []string
	if attr, ok := d.attributes[name]; ok {
		if v, diags := attr.Expr.Value(d.config.ctx); !diags.HasErrors() && v.Type() == cty.String {
			out = []string{d.text(name)}
		} else {
			out = d.texts(name)
		}
	}
	for i, text := range out {
		if !strings.Contains(text, " ") && !filepath.IsAbs(text) {
			out[i] = filepath.Join(d.config.dir, text)
		}
	}
	return out
}
