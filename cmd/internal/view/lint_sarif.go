package view

import (
	"bytes"
	"encoding/json"
	"net/url"
	"slices"
	"strings"

	"github.com/pleatdb/pleat/cmd/internal/review"
	"github.com/pleatdb/pleat/planner/lint"
)

const (
	sarifSchema = "https://json.schemastore.org/sarif-2.1.0.json"
	home        = "https://github.com/pleatdb/pleat"
	catalogue   = home + "/blob/main/docs/lint.md"
)

// The parts of SARIF 2.1.0 (OASIS Standard, 27 March 2020) that are written.
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool        sarifTool         `json:"tool"`
		Invocations []sarifInvocation `json:"invocations"`
		Automation  sarifAutomation   `json:"automationDetails"`
		ColumnKind  string            `json:"columnKind"`
		Results     []sarifResult     `json:"results"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name           string      `json:"name"`
		Version        string      `json:"version"`
		InformationURI string      `json:"informationUri"`
		Rules          []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID            string         `json:"id"`
		Name          string         `json:"name"`
		Short         sarifText      `json:"shortDescription"`
		Full          sarifText      `json:"fullDescription"`
		Help          sarifText      `json:"help"`
		HelpURI       string         `json:"helpUri"`
		Configuration sarifLevel     `json:"defaultConfiguration"`
		Properties    map[string]any `json:"properties"`
	}
	sarifText struct {
		Text     string `json:"text"`
		Markdown string `json:"markdown,omitempty"`
	}
	sarifLevel struct {
		Level string `json:"level"`
	}
	sarifInvocation struct {
		Successful bool `json:"executionSuccessful"`
	}
	sarifAutomation struct {
		ID string `json:"id"`
	}
	sarifResult struct {
		RuleID       string             `json:"ruleId"`
		RuleIndex    int                `json:"ruleIndex"`
		Level        string             `json:"level"`
		Message      sarifText          `json:"message"`
		Locations    []sarifLocation    `json:"locations"`
		Fingerprints map[string]string  `json:"partialFingerprints"`
		Suppressions []sarifSuppression `json:"suppressions,omitempty"`
		Properties   map[string]any     `json:"properties,omitempty"`
	}
	sarifLocation struct {
		Physical sarifPhysical `json:"physicalLocation"`
	}
	sarifPhysical struct {
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   *sarifRegion  `json:"region,omitempty"`
	}
	sarifArtifact struct {
		URI  string `json:"uri"`
		Base string `json:"uriBaseId,omitempty"`
	}
	sarifRegion struct {
		StartLine   int        `json:"startLine"`
		StartColumn int        `json:"startColumn,omitempty"`
		EndLine     int        `json:"endLine,omitempty"`
		EndColumn   int        `json:"endColumn,omitempty"`
		Snippet     *sarifText `json:"snippet,omitempty"`
	}
	sarifSuppression struct {
		Kind          string `json:"kind"`
		Status        string `json:"status"`
		Justification string `json:"justification"`
	}
)

// sarif writes the findings in the form that code scanning reads; allowed ones are there as suppressed.
func (d *Lint) sarif() string {
	run := sarifRun{
		Tool:        sarifTool{sarifDriver{Name: "pleat", Version: d.form.Version, InformationURI: home, Rules: []sarifRule{}}},
		Invocations: []sarifInvocation{{true}}, Automation: sarifAutomation{"pleat-lint/"}, ColumnKind: "unicodeCodePoints",
		Results: []sarifResult{},
	}
	for _, f := range d.Findings {
		rules := run.Tool.Driver.Rules
		index := slices.IndexFunc(rules, func(r sarifRule) bool { return r.ID == f.Code })
		if index < 0 {
			index = len(rules)
			run.Tool.Driver.Rules = append(rules, sarifRuleOf(f))
		}
		run.Results = append(run.Results, d.sarifResult(f, index))
	}
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(sarifLog{sarifSchema, "2.1.0", []sarifRun{run}}) // texts, numbers and lists of them can always be encoded
	return b.String()
}

func (d *Lint) sarifResult(f Finding, index int) sarifResult {
	place := sarifPhysical{Artifact: sarifArtifact{URI: (&url.URL{Path: d.uri(f.File)}).String()}}
	if !strings.HasPrefix(place.Artifact.URI, "/") {
		place.Artifact.Base = "%SRCROOT%"
	}
	if f.Line > 0 {
		place.Region = &sarifRegion{StartLine: f.Line, StartColumn: f.Column, EndLine: f.EndLine, EndColumn: f.EndColumn}
		if f.SQL != "" {
			place.Region.Snippet = &sarifText{Text: f.SQL}
		}
	}
	r := sarifResult{
		RuleID: f.Code, RuleIndex: index, Level: f.Severity, Message: sarifText{Text: f.Title + ". " + f.prose()},
		Locations: []sarifLocation{{place}}, Fingerprints: map[string]string{"primaryLocationLineHash": f.Fingerprint},
		Properties: map[string]any{"measured": f.Measured},
	}
	if f.Object != "" {
		r.Properties["object"] = f.Object
	}
	if f.Allowed != "" {
		r.Suppressions = []sarifSuppression{{"inSource", "accepted", f.Allowed}}
	}
	return r
}

// sarifRuleOf describes the rule of a finding. One that the catalogue does not know is described by the finding.
func sarifRuleOf(f Finding) sarifRule {
	rule, ok := lint.Lookup(f.Code)
	switch {
	case f.Code == review.Unreadable.Code:
		rule = review.Unreadable
	case !ok:
		rule = lint.Rule{Code: f.Code, Title: f.Title, Severity: lint.Severity(f.Severity), Why: f.Why, Safe: f.Safe}
	}
	why, safe := rule.Why, rule.Safe
	text, markdown := why, "**Why:** "+why
	if safe != "" {
		text += "\nSafe: " + safe
		markdown += "\n\n**Safe form:** " + safe
	}
	if rule.Holds != "" {
		text += "\nPostgreSQL " + rule.Holds + "."
		markdown += "\n\nHolds for PostgreSQL " + rule.Holds + "."
	}
	return sarifRule{
		ID: rule.Code, Name: pascal(rule.Title), Short: sarifText{Text: rule.Title}, Full: sarifText{Text: why}, Help: sarifText{text, markdown},
		HelpURI: catalogue + "#" + strings.ToLower(rule.Code), Configuration: sarifLevel{string(rule.Severity)},
		Properties: map[string]any{"tags": []string{"postgresql", "migration"}, "problem.severity": problemSeverity(rule.Severity)},
	}
}

// pascal is a title as the name of a rule.
func pascal(title string) string {
	var b strings.Builder
	for word := range strings.FieldsFuncSeq(title, func(r rune) bool { return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9') }) {
		b.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	return b.String()
}

// problemSeverity is GitHub's word.
func problemSeverity(s lint.Severity) string {
	if s == lint.Note {
		return "recommendation"
	}
	return string(s)
}
