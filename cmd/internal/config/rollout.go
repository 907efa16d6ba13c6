package config

import (
	"fmt"
	"maps"
	"math"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/pleatdb/pleat/cmd/internal/fleet"
)

var rolloutSchema = &hcl.BodySchema{Attributes: []hcl.AttributeSchema{
	{Name: "canary"}, {Name: "pause"}, {Name: "canary_wait"}, {Name: "parallel"}, {Name: "per_host"}, {Name: "max_failures"}, {Name: "on_error"},
}}

// Rollout evaluates the rollout block of an environment over that of the file.
func (c *Config) Rollout(name string) (fleet.Rollout, hcl.Diagnostics) {
	attributes := hcl.Attributes{}
	layers := []map[string]*hcl.Block{c.defaults.settings}
	if e, ok := c.environments[name]; ok {
		layers = append(layers, e.settings)
	}
	for _, settings := range layers {
		if b := settings["rollout"]; b != nil {
			content, _ := b.Body.Content(rolloutSchema) // what is wrong with it was reported when the file was read
			maps.Copy(attributes, content.Attributes)
		}
	}
	d := &decoder{config: c, attributes: attributes}
	r := fleet.Rollout{
		Pause: d.span("pause"), CanaryWait: d.span("canary_wait"), Parallel: int(d.count("parallel", 10000)), PerHost: int(d.count("per_host", 10000)),
		Continue: d.oneOf("on_error", "stop", "continue") == "continue",
	}
	r.Canary = d.canary("canary")
	if _, ok := attributes["max_failures"]; ok {
		limit := d.share("max_failures", 0)
		r.MaxFailures = &limit
	}
	return r, d.diags
}

// canary is a number, a percentage, or patterns of names.
func (d *decoder) canary(name string) fleet.Canary {
	attr, ok := d.attributes[name]
	if !ok {
		return fleet.Canary{}
	}
	v, diags := attr.Expr.Value(d.config.ctx)
	if !diags.HasErrors() && (v.Type().IsTupleType() || v.Type().IsListType() || v.Type().IsSetType()) {
		patterns := d.texts(name)
		for _, p := range patterns {
			if err := fleet.CheckPattern(p); err != nil {
				d.wrong(name, fmt.Sprintf("The pattern %q of %q cannot be read: * stands for any characters, ? for one, [a-z] for one of them.", p, name))
			}
		}
		return fleet.Canary{Patterns: patterns}
	}
	return fleet.Canary{Share: d.share(name, 1)}
}

// share is a number of targets, or a percentage of them.
func (d *decoder) share(name string, least int64) fleet.Share {
	v, ok := d.value(name, cty.String)
	if !ok {
		return fleet.Share{}
	}
	text := v.AsString()
	number, percent := strings.CutSuffix(text, "%")
	if percent {
		value, err := strconv.ParseFloat(number, 64)
		if err == nil && value >= 0 && value <= 100 && (least == 0 || value > 0) {
			return fleet.Share{Percent: value}
		}
	} else if value, err := strconv.ParseInt(text, 10, 32); err == nil && value >= least && value <= math.MaxInt32 {
		return fleet.Share{Count: int(value)}
	}
	d.wrong(name, fmt.Sprintf("%q must be a number of targets (from %d) or a percentage of them, such as \"5%%\".", name, least))
	return fleet.Share{}
}
