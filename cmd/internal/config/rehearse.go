package config

import (
	"maps"
	"time"

	"github.com/hashicorp/hcl/v2"
)

// Rehearse is what a rehearse block says; a zero field was not said.
type Rehearse struct {
	// Rows is the source of rows with their number: "generate", "generate:500", "sample:1000", "none".
	Rows string
	// MaxStep and MaxLock are the budgets; nil: not said.
	MaxStep, MaxLock *time.Duration
}

var rehearseSchema = &hcl.BodySchema{Attributes: []hcl.AttributeSchema{{Name: "rows"}, {Name: "max_step"}, {Name: "max_lock"}}}

// checkRehearse checks the structure of a rehearse block.
func checkRehearse(b *hcl.Block) hcl.Diagnostics {
	_, diags := b.Body.Content(rehearseSchema)
	return diags
}

// Rehearse evaluates the rehearse block of an environment over that of the file; an empty name gives the latter.
func (c *Config) Rehearse(name string) (*Rehearse, hcl.Diagnostics) {
	attributes := hcl.Attributes{}
	layers := []map[string]*hcl.Block{c.defaults.settings}
	if e, ok := c.environments[name]; ok {
		layers = append(layers, e.settings)
	}
	for _, settings := range layers {
		if b := settings["rehearse"]; b != nil {
			content, _ := b.Body.Content(rehearseSchema) // what is wrong with it was reported when the file was read
			maps.Copy(attributes, content.Attributes)
		}
	}
	d := &decoder{config: c, attributes: attributes}
	r := &Rehearse{Rows: d.text("rows"), MaxStep: d.duration("max_step"), MaxLock: d.duration("max_lock")}
	return r, d.diags
}
