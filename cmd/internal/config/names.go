package config

import (
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// attributeNames are the attributes of an environment, which stand at the top of the file as defaults for all.
var attributeNames = []string{"url", "direct_url", "schema", "migrations", "scope", "shadow", "role", "contract", "strategy", "drop", "keep", "lock_timeout", "lock_budget", "cancel_blockers", "grace", "release",
	"ignore", "allow_reset", "allow_exec"}

// settingBlocks are the blocks of an environment, which stand at the top of the file as defaults for all.
var settingBlocks = []hcl.BlockHeaderSchema{{Type: "approvals"}, {Type: "credentials"}, {Type: "lint"}, {Type: "rehearse"}, {Type: "evidence"}, {Type: "backfill"}, {Type: "backup"}, {Type: "legacy"},
	{Type: "notify", LabelNames: []string{"name"}}, {Type: "hook", LabelNames: []string{"name"}}, {Type: "targets"}, {Type: "rollout"}, {Type: "metrics"}, {Type: "tracing"}, {Type: "log"}}

var environmentSchema = &hcl.BodySchema{Attributes: attributeSchemas(), Blocks: settingBlocks}

var topSchema = &hcl.BodySchema{
	Attributes: attributeSchemas(),
	Blocks:     append([]hcl.BlockHeaderSchema{{Type: "env", LabelNames: []string{"name"}}}, settingBlocks...),
}

func attributeSchemas() (out []hcl.AttributeSchema) {
	for _, name := range attributeNames {
		out = append(out, hcl.AttributeSchema{Name: name})
	}
	return out
}

// later are blocks and attributes of this file that are planned; they are refused by name rather than misread.
var later = []string{"fleet", "for_each", "manage_roles", "policy", "target"}

// elsewhere are the words of Atlas' project file and what says the same here.
var elsewhere = map[string]string{
	"src":       "Write schema = \"path\".",
	"to":        "Write schema = \"path\".",
	"dev":       "Write shadow = \"…\", or leave it out: a throw-away server is started by itself.",
	"dev_url":   "Write shadow = \"…\", or leave it out: a throw-away server is started by itself.",
	"migration": "Write migrations = \"path\" (and lock_timeout = \"…\") in the environment itself.",
	"schemas":   "Write scope = [\"…\"].",
	"exclude":   "Write ignore = [\"…\"].",
	"include":   "Write scope = [\"…\"].",
	"diff":      "Plans use the online form of a change; write strategy = \"in_place\" where they should not.",
	"data":      "Read values by env(\"NAME\"), file(\"path\") or variables.",
	"docker":    "Write shadow = \"docker\".",
	"format":    "Output is chosen on the command line (--json, --format).",
	"atlas":     "There is no account and nothing to configure for one.",
	"cloud":     "There is no account and nothing to configure for one.",
}

// contentOf reads body by schema. raw is the body before anything was taken out of it: a name that has an explanation
// of its own gets that instead of hcl's general answer.
func contentOf(raw, body hcl.Body, schema *hcl.BodySchema) (*hcl.BodyContent, hcl.Diagnostics) {
	explained := explain(raw)
	content, diags := body.Content(schema)
	out := explained
	for _, d := range diags {
		same := func(e *hcl.Diagnostic) bool { return d.Subject != nil && e.Subject.Start == d.Subject.Start }
		if !slices.ContainsFunc(explained, same) {
			out = append(out, d)
		}
	}
	return content, out
}

// explain looks for the names of later and elsewhere; only the native syntax lets one look without a schema.
func explain(body hcl.Body) (diags hcl.Diagnostics) {
	native, ok := body.(*hclsyntax.Body)
	if !ok {
		return nil
	}
	check := func(kind, name string, at hcl.Range) {
		if slices.Contains(later, name) {
			diags = append(diags, &hcl.Diagnostic{Severity: hcl.DiagError, Summary: "Not built yet", Subject: &at,
				Detail: fmt.Sprintf("The %s %q is planned for the project file but not built yet.", kind, name)})
		} else if advice, ok := elsewhere[name]; ok {
			summary := "Unsupported argument"
			if kind == "block" {
				summary = "Unsupported block type"
			}
			diags = append(diags, &hcl.Diagnostic{Severity: hcl.DiagError, Summary: summary, Subject: &at,
				Detail: fmt.Sprintf("There is no %s %q here. %s", kind, name, advice)})
		}
	}
	for _, attr := range native.Attributes {
		check("argument", attr.Name, attr.NameRange)
	}
	for _, b := range native.Blocks {
		check("block", b.Type, b.TypeRange)
	}
	slices.SortFunc(diags, func(a, b *hcl.Diagnostic) int { return a.Subject.Start.Byte - b.Subject.Start.Byte })
	return diags
}
