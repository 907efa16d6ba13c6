package config

import (
	"maps"

	"github.com/hashicorp/hcl/v2"
)

// Legacy is what a legacy block says: whose migrations came before pleat, and where they are. A zero field was not said.
type Legacy struct {
	// Tool is its name as `pleat import --from` takes it.
	Tool string
	// Dir is a path from the working directory.
	Dir string
	// Converted is set where the project's own directory holds all that the tool applied.
	Converted bool
}

var legacySchema = &hcl.BodySchema{Attributes: []hcl.AttributeSchema{{Name: "tool"}, {Name: "dir"}, {Name: "converted"}}}

// checkLegacy checks the structure of a legacy block.
func checkLegacy(b *hcl.Block) hcl.Diagnostics {
	_, diags := b.Body.Content(legacySchema)
	return diags
}

// Legacy evaluates the legacy block of an environment over that of the file; an empty name gives the latter.
func (c *Config) Legacy(name string) (*Legacy, hcl.Diagnostics) {
	attributes := hcl.Attributes{}
	layers := []map[string]*hcl.Block{c.defaults.settings}
	if e, ok := c.environments[name]; ok {
		layers = append(layers, e.settings)
	}
	for _, settings := range layers {
		if b := settings["legacy"]; b != nil {
			content, _ := b.Body.Content(legacySchema) // what is wrong with it was reported when the file was read
			maps.Copy(attributes, content.Attributes)
		}
	}
	d := &decoder{config: c, attributes: attributes}
	return &Legacy{Tool: d.text("tool"), Dir: d.path("dir"), Converted: d.flag("converted")}, d.diags
}
