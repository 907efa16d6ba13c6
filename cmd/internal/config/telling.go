package config

import (
	"fmt"
	"maps"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
)

// settingKey is the key of a block among the settings: two blocks of the same key would say the same thing twice.
func settingKey(b *hcl.Block) string {
	if len(b.Labels) == 0 {
		return b.Type
	}
	return b.Type + " " + b.Labels[0]
}

// tellingSchemas are the blocks about who is told of a run, and what runs beside it.
var tellingSchemas = map[string]*hcl.BodySchema{
	"notify":  attributesOf("url", "type", "secret", "events", "timeout", "attempts", "allow_http"),
	"hook":    attributesOf("when", "command", "timeout", "on_error", "env", "credentials"),
	"metrics": attributesOf("file"),
	"tracing": attributesOf("endpoint", "headers", "service"),
	"log":     attributesOf("format", "file"),
}

func attributesOf(names ...string) *hcl.BodySchema {
	s := &hcl.BodySchema{}
	for _, name := range names {
		s.Attributes = append(s.Attributes, hcl.AttributeSchema{Name: name})
	}
	return s
}

// checkTelling checks the structure of the blocks above; it passes over others.
func checkTelling(b *hcl.Block) hcl.Diagnostics {
	schema, ok := tellingSchemas[b.Type]
	if !ok {
		return nil
	}
	_, diags := b.Body.Content(schema)
	return diags
}

// setting is a block of the file with that of an environment over it: each attribute replaces that of the file.
type setting struct {
	name       string // label
	rng        hcl.Range
	attributes hcl.Attributes
}

// settingsFor gives the blocks of a type for an environment, in the order in which they stand in the file.
func (c *Config) settingsFor(environment, kind string) []*setting {
	layers := []map[string]*hcl.Block{c.defaults.settings}
	if e, ok := c.environments[environment]; ok {
		layers = append(layers, e.settings)
	}
	found := map[string]*setting{}
	for _, settings := range layers {
		for key, b := range settings {
			if b.Type != kind {
				continue
			}
			s := found[key]
			if s == nil {
				s = &setting{attributes: hcl.Attributes{}}
				found[key] = s
			}
			if len(b.Labels) > 0 {
				s.name = b.Labels[0]
			}
			content, _ := b.Body.Content(tellingSchemas[kind]) // what is wrong with it was reported when the file was read
			maps.Copy(s.attributes, content.Attributes)
			s.rng = b.DefRange
		}
	}
	return slices.SortedFunc(maps.Values(found), func(a, b *setting) int { return a.rng.Start.Byte - b.rng.Start.Byte })
}

// required reports an attribute that a block must have.
func (d *decoder) required(s *setting, kind string, names ...string) {
	for _, name := range names {
		if _, ok := s.attributes[name]; !ok {
			d.diags = append(d.diags, &hcl.Diagnostic{Severity: hcl.DiagError, Summary: "Missing required argument", Subject: &s.rng,
				Detail: fmt.Sprintf("The %s %q needs the argument %q.", kind, s.name, name)})
		}
	}
}

// hidden is a text that is masked wherever it could appear, whatever it looks like.
func (d *decoder) hidden(name string) string {
	text := d.text(name)
	if text != "" {
		d.config.secrets = append(d.config.secrets, text)
	}
	return text
}

// pairs are the elements of a map of texts.
func (d *decoder) pairs(name string) map[string]string {
	v, ok := d.value(name, cty.Map(cty.String))
	if !ok {
		return nil
	}
	out := map[string]string{}
	for key, value := range v.AsValueMap() {
		if value.IsNull() {
			d.wrong(name, fmt.Sprintf("The element %q of %q is null.", key, name))
			continue
		}
		out[key] = value.AsString()
	}
	return out
}
