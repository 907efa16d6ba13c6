package config

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/pleatdb/pleat/cmd/internal/connect"
	"github.com/pleatdb/pleat/schema/hclfile/eval"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
)

// The values of [Environment.Contract].
const (
	// Gated holds contract files until their gates open.
	Gated = "gated"
	// Immediate writes and applies expand and contract as one, for development.
	Immediate = "immediate"
	// InPlace changes everything where it stands, whatever that locks; it is a value of [Environment.Strategy].
	InPlace = "in_place"
	// Online uses the form that blocks nobody.
	Online = "online"
	// Soft moves what a contract takes away to the trash; it is a value of [Environment.Drop].
	Soft = "soft"
	// Hard drops it at once.
	Hard = "hard"
)

// Environment is what one environment says, with the defaults of the file; a zero field was not said.
type Environment struct {
	// Name is empty for the defaults alone.
	Name string
	// URL is the connection string.
	URL connect.Secret
	// DirectURL takes the place of URL, which may be that of a connection pooler.
	DirectURL connect.Secret
	// Schema is the HCL file or directory, as a path from the working directory.
	Schema string
	// Migrations is the directory of migration files, as a path from the working directory.
	Migrations string
	// Scope are the PostgreSQL schemas that pleat looks at.
	Scope []string
	// Shadow is the provider of the shadow or its URL, which may hold a password.
	Shadow connect.Secret
	// Role is set after connecting (SET ROLE).
	Role string
	// Contract is Gated, Immediate or empty.
	Contract string
	// Strategy is Online, InPlace or empty; Drop is Soft, Hard or empty.
	Strategy, Drop string
	// Keep is how long what was dropped softly stays in the trash; nil: not said.
	Keep *time.Duration
	// LockTimeout is how long a step waits for a lock before it is tried again; nil: not said.
	LockTimeout *time.Duration
	// Waits are the other words about waiting for locks.
	Waits Waits
	// AllowReset lets everything be dropped. It counts only where the env block itself says it.
	AllowReset bool
	// Grace is how long a run that is asked to stop may take for it; nil: not said.
	Grace *time.Duration
	// Release is the label of the application's release.
	Release string
	// Ignore are patterns of objects that are never read and never touched ("audit.*").
	Ignore []string
	// AllowExec lets a pipeline run the commands that the file names; elsewhere they run without it.
	AllowExec bool
}

// Environment evaluates the environment of that name over the file's defaults; an empty name gives the defaults.
func (c *Config) Environment(name string) (*Environment, hcl.Diagnostics) {
	attributes := maps.Clone(c.defaults.attributes)
	if attributes == nil {
		attributes = hcl.Attributes{}
	}
	if name != "" {
		found, ok := c.environments[name]
		if !ok {
			return nil, c.noEnvironment(name)
		}
		if found.attributes["url"] != nil {
			delete(attributes, "direct_url") // it is that of another url
		}
		maps.Copy(attributes, found.attributes)
	}
	d := &decoder{config: c, attributes: attributes}
	e := &Environment{Name: name}
	e.URL = d.secret("url")
	e.DirectURL = d.secret("direct_url")
	e.Shadow = d.secret("shadow")
	e.Schema = d.path("schema")
	e.Migrations = d.path("migrations")
	e.Scope = d.texts("scope")
	e.Ignore = d.texts("ignore")
	e.Role = d.text("role")
	e.Contract = d.oneOf("contract", Gated, Immediate)
	e.Strategy = d.oneOf("strategy", Online, InPlace)
	e.Drop = d.oneOf("drop", Soft, Hard)
	e.Keep = d.period("keep")
	e.LockTimeout = d.duration("lock_timeout")
	e.Waits = d.waits()
	e.Grace = d.duration("grace")
	e.Release = d.text("release")
	e.AllowReset = d.allowReset(name)
	if _, ok := attributes["allow_exec"]; ok {
		e.AllowExec = d.flag("allow_exec")
	}
	return e, d.diags
}

func (c *Config) noEnvironment(name string) hcl.Diagnostics {
	detail := fmt.Sprintf("The project file %s defines no environment %q.%s", c.Path, name, eval.DidYouMean(name, c.Names()))
	switch {
	case c.Path == "":
		detail = fmt.Sprintf("There is no environment %q because there is no project file (%s).", name, DefaultPath)
	case len(c.environments) > 0:
		detail += " It defines " + strings.Join(c.Names(), ", ") + "."
	}
	return hcl.Diagnostics{{Severity: hcl.DiagError, Summary: "Unknown environment", Detail: detail}}
}

// decoder evaluates attributes and collects what is wrong with them.
type decoder struct {
	config     *Config
	attributes hcl.Attributes
	diags      hcl.Diagnostics
}

// value evaluates one attribute to a type. ok is false where it is absent, null or wrong.
func (d *decoder) value(name string, want cty.Type) (v cty.Value, ok bool) {
	attr, ok := d.attributes[name]
	if !ok {
		return cty.NilVal, false
	}
	scope := d.config.scope
	diags := scope.CheckReferences(attr.Expr)
	v = cty.DynamicVal
	if !diags.HasErrors() {
		var more hcl.Diagnostics
		v, more = attr.Expr.Value(d.config.ctx)
		diags = append(diags, scope.MaskDiagnostics(more)...)
	}
	d.diags = append(d.diags, diags...)
	if diags.HasErrors() {
		return cty.NilVal, false
	}
	v, sensitive := eval.Unmark(v)
	v, err := convert.Convert(v, want)
	if err != nil {
		d.wrong(name, fmt.Sprintf("The value of %q does not fit: %s.", name, err))
		return cty.NilVal, false
	}
	if v.IsNull() || !v.IsWhollyKnown() { // unknown only where something else was reported
		return cty.NilVal, false
	}
	if sensitive && want == cty.String {
		d.config.secrets = append(d.config.secrets, v.AsString())
	}
	return v, true
}

// wrong adds an error at the value of an attribute.
func (d *decoder) wrong(name, detail string) {
	at := d.attributes[name].Expr.Range()
	d.diags = append(d.diags, &hcl.Diagnostic{Severity: hcl.DiagError, Summary: "Invalid value", Detail: detail, Subject: &at})
}

func (d *decoder) text(name string) string {
	v, ok := d.value(name, cty.String)
	if !ok {
		return ""
	}
	return v.AsString()
}

// secret is a text that is masked wherever it could appear; a word without :// is the name of a provider, no secret.
func (d *decoder) secret(name string) connect.Secret {
	text := d.text(name)
	if strings.Contains(text, "://") || strings.Contains(text, "=") {
		d.config.secrets = append(d.config.secrets, text)
	}
	return connect.NewSecret(text)
}

// path is a path from the working directory; it is written relative to the project file.
func (d *decoder) path(name string) string {
	text := strings.TrimPrefix(d.text(name), "file://")
	if text == "" || filepath.IsAbs(text) {
		return text
	}
	return filepath.Join(d.config.dir, text)
}

func (d *decoder) texts(name string) (out []string) {
	v, ok := d.value(name, cty.List(cty.String))
	if !ok {
		return nil
	}
	for _, element := range v.AsValueSlice() {
		if element.IsNull() || element.AsString() == "" {
			d.wrong(name, fmt.Sprintf("An element of %q is empty.", name))
			return nil
		}
		out = append(out, element.AsString())
	}
	return out
}

func (d *decoder) oneOf(name string, words ...string) string {
	text := d.text(name)
	if text != "" && !slices.Contains(words, text) {
		d.wrong(name, fmt.Sprintf("%q must be one of %s.%s", name, strings.Join(words, ", "), eval.DidYouMean(text, words)))
		return ""
	}
	return text
}

// duration reads Go's and PostgreSQL's spellings: 500ms, 5s, 2min, 1h.
func (d *decoder) duration(name string) *time.Duration {
	text := d.text(name)
	if text == "" {
		return nil
	}
	value, err := time.ParseDuration(strings.ReplaceAll(strings.ReplaceAll(text, " ", ""), "min", "m"))
	if err != nil || value < 0 {
		d.wrong(name, fmt.Sprintf("%q must be a duration with its unit, for example \"500ms\", \"5s\" or \"2min\".", name))
		return nil
	}
	return &value
}

// allowReset refuses the word at the top of the file, where it would hold for production too.
func (d *decoder) allowReset(environment string) bool {
	const name = "allow_reset"
	if top, ok := d.config.defaults.attributes[name]; ok {
		at := top.NameRange
		d.diags = append(d.diags, &hcl.Diagnostic{Severity: hcl.DiagError, Summary: "Not for every environment", Subject: &at,
			Detail: "allow_reset lets everything be dropped, so it must stand in the env block of a database whose contents nobody needs."})
		return false
	}
	return environment != "" && d.flag(name)
}
