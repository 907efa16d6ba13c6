package config

import (
	"fmt"
	"time"

	"github.com/hashicorp/hcl/v2"
)

// When hooks run.
const (
	BeforeApply    = "before_apply"
	AfterApply     = "after_apply"
	BeforeRollback = "before_rollback"
	AfterRollback  = "after_rollback"
	OnFailure      = "on_failure"
)

// Hook is a command of the user's that runs beside a run.
type Hook struct {
	Name string
	// When is one of the constants above.
	When string
	// Command is the program and its arguments; no shell reads it.
	Command []string
	// Dir is the directory of the project file, in which it runs.
	Dir string
	// Timeout is how long it may take; 0: not said.
	Timeout time.Duration
	// Fatal is whether its failure is one of the command: of a hook before a run, that the run does not take place.
	Fatal bool
	// Environment are variables that it gets beside those that every hook gets.
	Environment map[string]string
	// Credentials is whether it is given those of the database, as libpq's variables.
	Credentials bool
}

// Hooks evaluates the hook blocks of an environment over those of the file, in the order in which they stand there.
func (c *Config) Hooks(environment string) ([]*Hook, hcl.Diagnostics) {
	var out []*Hook
	var diags hcl.Diagnostics
	for _, s := range c.settingsFor(environment, "hook") {
		d := &decoder{config: c, attributes: s.attributes}
		d.required(s, "hook", "when", "command")
		h := &Hook{
			Name: s.name, Dir: c.dir, When: d.oneOf("when", BeforeApply, AfterApply, BeforeRollback, AfterRollback, OnFailure),
			Command: d.texts("command"), Timeout: d.span("timeout"), Environment: d.pairs("env"), Credentials: d.flag("credentials"),
		}
		if _, ok := s.attributes["command"]; ok && len(h.Command) == 0 && !d.diags.HasErrors() {
			d.wrong("command", fmt.Sprintf("The command of the hook %q is empty.", s.name))
		}
		h.Fatal = h.When == BeforeApply || h.When == BeforeRollback
		if said := d.oneOf("on_error", "fail", "warn"); said != "" {
			h.Fatal = said == "fail"
		}
		out, diags = append(out, h), append(diags, d.diags...)
	}
	return out, diags
}
