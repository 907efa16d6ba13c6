package config

import (
	"fmt"
	"maps"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"

	"github.com/pleatdb/pleat/cmd/internal/connect"
)

// Evidence is what an evidence block says; a nil field was not said.
type Evidence struct {
	// Required is whether contract files wait for evidence that nothing uses what they take away.
	Required *bool
	// Window is how long nothing may have used it.
	Window *time.Duration
	// Standbys are connection strings of the servers that replicate the environment's.
	Standbys []connect.Secret
}

var evidenceSchema = &hcl.BodySchema{Attributes: []hcl.AttributeSchema{{Name: "required"}, {Name: "window"}, {Name: "standbys"}}}

// checkEvidence checks the structure of an evidence block.
func checkEvidence(b *hcl.Block) hcl.Diagnostics {
	_, diags := b.Body.Content(evidenceSchema)
	return diags
}

// Evidence evaluates the evidence block of an environment over that of the file; an empty name gives the latter. Each attribute
// replaces that of the file.
func (c *Config) Evidence(name string) (*Evidence, hcl.Diagnostics) {
	attributes := hcl.Attributes{}
	layers := []map[string]*hcl.Block{c.defaults.settings}
	if e, ok := c.environments[name]; ok {
		layers = append(layers, e.settings)
	}
	for _, settings := range layers {
		if b := settings["evidence"]; b != nil {
			content, _ := b.Body.Content(evidenceSchema) // what is wrong with it was reported when the file was read
			maps.Copy(attributes, content.Attributes)
		}
	}
	d := &decoder{config: c, attributes: attributes}
	e := &Evidence{Window: d.period("window")}
	if _, ok := attributes["required"]; ok {
		required := d.flag("required")
		e.Required = &required
	}
	for _, text := range d.texts("standbys") {
		c.secrets = append(c.secrets, text)
		e.Standbys = append(e.Standbys, connect.NewSecret(text))
	}
	return e, d.diags
}

// period is a duration that may be written in days, 14d.
func (d *decoder) period(name string) *time.Duration {
	text := strings.ReplaceAll(d.text(name), " ", "")
	if number, ok := strings.CutSuffix(text, "d"); ok {
		const most = 10000
		days, err := strconv.Atoi(number)
		if err != nil || days < 0 || days > most {
			d.wrong(name, fmt.Sprintf("%q must be a length of time with its unit, for example \"14d\" or \"36h\".", name))
			return nil
		}
		value := time.Duration(days) * 24 * time.Hour
		return &value
	}
	return d.duration(name)
}
