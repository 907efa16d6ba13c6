package config

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/pleatdb/pleat/cmd/internal/connect"
)

// Metrics is what a metrics block says.
type Metrics struct {
	// File is where the metrics of the last run are written, for a collector that reads files; empty for none.
	File string
}

// Tracing is what a tracing block says.
type Tracing struct {
	// Endpoint is the URL of a collector that speaks OTLP over HTTP; empty where it was not said.
	Endpoint connect.Secret
	// Headers are sent along; their values are secrets.
	Headers map[string]string
	// Service is the name under which the spans appear.
	Service string
}

// Log is what a log block says.
type Log struct {
	// Format is "text", "json" or empty.
	Format string
	// File gets every event as a line of JSON; empty for none.
	File string
}

// only is the block of a type that has no label, empty where there is none.
func (c *Config) only(environment, kind string) *decoder {
	d := &decoder{config: c, attributes: hcl.Attributes{}}
	for _, s := range c.settingsFor(environment, kind) {
		d.attributes = s.attributes
	}
	return d
}

// Metrics evaluates the metrics block of an environment over that of the file.
func (c *Config) Metrics(environment string) (*Metrics, hcl.Diagnostics) {
	d := c.only(environment, "metrics")
	m := &Metrics{File: d.path("file")}
	return m, d.diags
}

// Tracing evaluates the tracing block of an environment over that of the file.
func (c *Config) Tracing(environment string) (*Tracing, hcl.Diagnostics) {
	d := c.only(environment, "tracing")
	t := &Tracing{Service: d.text("service"), Headers: d.pairs("headers")}
	for _, value := range t.Headers {
		c.secrets = append(c.secrets, value)
	}
	if _, ok := d.attributes["endpoint"]; ok {
		// A collector is often a neighbour in a cluster without TLS, and what it gets holds no secret.
		t.Endpoint = d.webhook("endpoint", true)
	}
	return t, d.diags
}

// Log evaluates the log block of an environment over that of the file.
func (c *Config) Log(environment string) (*Log, hcl.Diagnostics) {
	d := c.only(environment, "log")
	l := &Log{Format: d.oneOf("format", "text", "json"), File: d.path("file")}
	return l, d.diags
}
