package config

import (
	"fmt"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/pleatdb/pleat/cmd/internal/fleet"
	"github.com/pleatdb/pleat/schema/hclfile/eval"
)

// Targets is what a targets block says: an environment of many databases, or of many schemas.
type Targets struct {
	// List are the targets that stand in the project file itself; they are trusted.
	List []fleet.Row
	// File is a path of a csv, json or txt file with rows; Query a query on the environment's own database that gives them.
	File, Query string
	// Template is the name of the schema for which schema files and migrations are written; it stands for the schema of each
	// target. Empty where targets are databases.
	Template string

	config           *Config
	database, schema hcl.Expression
}

var targetsSchema = &hcl.BodySchema{Attributes: []hcl.AttributeSchema{
	{Name: "list"}, {Name: "file"}, {Name: "query"}, {Name: "template"}, {Name: "database"}, {Name: "schema"},
}}

// checkFleet checks the structure of the blocks targets and rollout.
func checkFleet(b *hcl.Block) hcl.Diagnostics {
	switch b.Type {
	case "targets":
		_, diags := b.Body.Content(targetsSchema)
		return diags
	case "rollout":
		_, diags := b.Body.Content(rolloutSchema)
		return diags
	}
	return nil
}

// Targets evaluates the targets block of an environment; nil where it has none. Blocks are not merged: one at the top of the file
// would make every environment a fleet, so it is refused there.
func (c *Config) Targets(name string) (*Targets, hcl.Diagnostics) {
	if b := c.defaults.settings["targets"]; b != nil {
		return nil, hcl.Diagnostics{{Severity: hcl.DiagError, Summary: "Misplaced block", Subject: &b.DefRange,
			Detail: "A block \"targets\" belongs into an environment: at the top of the file every command would be about all targets."}}
	}
	e, ok := c.environments[name]
	if !ok || e.settings["targets"] == nil {
		return nil, nil
	}
	b := e.settings["targets"]
	content, _ := b.Body.Content(targetsSchema) // what is wrong with it was reported when the file was read
	t := &Targets{config: c}
	d := &decoder{config: c, attributes: content.Attributes}
	for attribute, into := range map[string]*hcl.Expression{"database": &t.database, "schema": &t.schema} {
		if attr := content.Attributes[attribute]; attr != nil {
			*into = attr.Expr
		}
	}
	t.File, t.Query, t.Template = d.path("file"), d.text("query"), d.text("template")
	t.List = d.targetRows("list")
	sources := 0
	for _, source := range []string{"list", "file", "query"} {
		if content.Attributes[source] != nil {
			sources++
		}
	}
	if sources != 1 && !d.diags.HasErrors() {
		d.diags = append(d.diags, &hcl.Diagnostic{Severity: hcl.DiagError, Summary: "Unclear targets", Subject: &b.DefRange,
			Detail: "A block \"targets\" takes its targets from one of list, file and query."})
	}
	return t, d.diags
}

// targetRows reads a list whose elements are objects, or texts: a connection string, or a name.
func (d *decoder) targetRows(name string) (out []fleet.Row) {
	v, ok := d.value(name, cty.DynamicPseudoType)
	if !ok {
		return nil
	}
	if !v.CanIterateElements() || v.Type().IsMapType() || v.Type().IsObjectType() {
		d.wrong(name, fmt.Sprintf("%q must be a list of names, connection strings, or objects with name, schema, database and url.", name))
		return nil
	}
	for it := v.ElementIterator(); it.Next(); {
		_, element := it.Element()
		row, problem := targetRow(element)
		if problem != "" {
			d.wrong(name, problem)
			return nil
		}
		if row.URL != "" {
			d.config.secrets = append(d.config.secrets, row.URL)
		}
		out = append(out, row)
	}
	return out
}

func targetRow(v cty.Value) (row fleet.Row, problem string) {
	const what = "A target is a name, a connection string, or an object with name, schema, database and url, all of them texts."
	if v.IsNull() || !v.IsWhollyKnown() {
		return row, what
	}
	if v.Type() == cty.String {
		return fleet.RowOf(v.AsString()), ""
	}
	if !v.Type().IsObjectType() && !v.Type().IsMapType() {
		return row, what
	}
	for key, value := range v.AsValueMap() {
		if value.IsNull() {
			continue
		}
		if value.Type() != cty.String {
			return row, what
		}
		if !row.Set(key, value.AsString()) {
			return row, fmt.Sprintf("A target has no %q.%s", key, eval.DidYouMean(key, fleet.Columns))
		}
	}
	return row, ""
}

// Place fills in where a target is, by the block's attributes database and schema, in which target.name, target.database and
// target.schema are what the target's row says. What comes from the row is a value there, and is never read as HCL.
func (t *Targets) Place(row *fleet.Row) error {
	values := map[string]cty.Value{"name": cty.StringVal(row.Name), "database": cty.StringVal(row.Database), "schema": cty.StringVal(row.Schema)}
	for _, part := range []struct {
		expr hcl.Expression
		into *string
	}{{t.database, &row.Database}, {t.schema, &row.Schema}} {
		if part.expr == nil {
			continue
		}
		ctx := t.config.ctx.NewChild()
		ctx.Variables = map[string]cty.Value{"target": cty.ObjectVal(values)}
		v, diags := part.expr.Value(ctx)
		if diags.HasErrors() {
			return t.config.scope.MaskDiagnostics(diags)
		}
		v, _ = eval.Unmark(v)
		if v.IsNull() || !v.IsKnown() || v.Type() != cty.String {
			at := part.expr.Range()
			return hcl.Diagnostics{{Severity: hcl.DiagError, Summary: "Invalid value", Detail: "It must be a text, such as \"app_${target.name}\".", Subject: &at}}
		}
		*part.into = v.AsString()
	}
	return nil
}
