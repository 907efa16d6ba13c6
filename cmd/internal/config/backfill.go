package config

import (
	"fmt"
	"maps"
	"math"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
)

// Backfill is what a backfill block says about steps in batches; a zero field was not said.
type Backfill struct {
	// Size is how many rows the first batch has; MinSize and MaxSize bound all.
	Size, MinSize, MaxSize int
	// Target is how long a batch is to take, Timeout how long a statement of one may run, Pause what is waited after each.
	Target, Timeout, Pause time.Duration
	// MaxLag and MaxLagBytes are how far a standby may be behind; below 0, which is written "off": any distance.
	MaxLag      time.Duration
	MaxLagBytes int64
	// IgnoreReplicas are application_names of standbys that may lag.
	IgnoreReplicas []string
	// MaxActive is how many other sessions may be at work.
	MaxActive int
	// YieldToVacuum waits while a vacuum works on the table.
	YieldToVacuum bool
	// Query holds batches back while it gives true or a number other than 0.
	Query string
}

var backfillSchema = &hcl.BodySchema{Attributes: []hcl.AttributeSchema{
	{Name: "size"}, {Name: "min_size"}, {Name: "max_size"}, {Name: "target"}, {Name: "timeout"}, {Name: "pause"}, {Name: "max_lag"}, {Name: "max_lag_mb"},
	{Name: "ignore_replicas"}, {Name: "max_active"}, {Name: "yield_to_vacuum"}, {Name: "query"},
}}

// checkBackfill checks the structure of a backfill block.
func checkBackfill(b *hcl.Block) hcl.Diagnostics {
	_, diags := b.Body.Content(backfillSchema)
	return diags
}

// Backfill evaluates the backfill block of an environment over that of the file; an empty name gives the latter. Each attribute
// replaces that of the file.
func (c *Config) Backfill(name string) (*Backfill, hcl.Diagnostics) {
	attributes := hcl.Attributes{}
	layers := []map[string]*hcl.Block{c.defaults.settings}
	if e, ok := c.environments[name]; ok {
		layers = append(layers, e.settings)
	}
	for _, settings := range layers {
		if b := settings["backfill"]; b != nil {
			content, _ := b.Body.Content(backfillSchema) // what is wrong with it was reported when the file was read
			maps.Copy(attributes, content.Attributes)
		}
	}
	d := &decoder{config: c, attributes: attributes}
	b := &Backfill{
		Size: int(d.count("size", math.MaxInt32)), MinSize: int(d.count("min_size", math.MaxInt32)), MaxSize: int(d.count("max_size", math.MaxInt32)),
		Target: d.span("target"), Timeout: d.span("timeout"), Pause: d.span("pause"), MaxActive: int(d.count("max_active", math.MaxInt32)),
		IgnoreReplicas: d.texts("ignore_replicas"), YieldToVacuum: d.flag("yield_to_vacuum"), Query: d.text("query"),
		MaxLag: -1, MaxLagBytes: -1,
	}
	if !d.isOff("max_lag") {
		b.MaxLag = d.span("max_lag")
	}
	if !d.isOff("max_lag_mb") {
		b.MaxLagBytes = d.count("max_lag_mb", math.MaxInt32) << 20
	}
	if b.MinSize > 0 && b.MaxSize > 0 && b.MinSize > b.MaxSize {
		d.wrong("min_size", fmt.Sprintf("The smallest batch (%d rows) is larger than the largest (%d).", b.MinSize, b.MaxSize))
	}
	return b, d.diags
}

// isOff reports whether an attribute is the word "off".
func (d *decoder) isOff(name string) bool {
	attr, ok := d.attributes[name]
	if !ok {
		return false
	}
	v, diags := attr.Expr.Value(d.config.ctx)
	return !diags.HasErrors() && v.Type() == cty.String && v.IsWhollyKnown() && !v.IsNull() && !v.IsMarked() && v.AsString() == "off"
}

// span is a duration above zero; 0 where it was not said.
func (d *decoder) span(name string) time.Duration {
	value := d.duration(name)
	if value == nil {
		return 0
	}
	if *value == 0 {
		d.wrong(name, fmt.Sprintf("%q must be more than nothing; leave it out for the default.", name))
	}
	return *value
}

// count is a whole number above zero; 0 where it was not said.
func (d *decoder) count(name string, most int64) int64 {
	v, ok := d.value(name, cty.Number)
	if !ok {
		return 0
	}
	n, accuracy := v.AsBigFloat().Int64()
	if accuracy != 0 || n < 1 || n > most {
		d.wrong(name, fmt.Sprintf("%q must be a whole number from 1 to %d.", name, most))
		return 0
	}
	return n
}
