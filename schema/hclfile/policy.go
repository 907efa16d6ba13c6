package hclfile

import (
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/pleatdb/pleat/schema"
)

func policySpec(on string) *spec {
	return shape(on + " as for to using check comment renamed_from depends_on name")
}

func (l *loader) loadPolicy(b *block, own *symbol) {
	p := &schema.Policy{
		Schema: own.id.Schema, Table: own.id.Name, Name: b.name(), Restrictive: b.word("as", "PERMISSIVE", "RESTRICTIVE") == "RESTRICTIVE",
		Roles: b.roles("to"), Using: b.expr("using"), Check: b.expr("check"),
	}
	b.checkQualifier(own)
	if cmd := b.word("for", "ALL", "SELECT", "INSERT", "UPDATE", "DELETE"); cmd != "ALL" {
		p.Command = cmd
	}
	switch {
	case p.Using != "" && p.Command == "INSERT":
		b.errorf(b.at("using"), "Contradicting arguments", "A policy for INSERT has check only.")
	case p.Check != "" && (p.Command == "SELECT" || p.Command == "DELETE"):
		b.errorf(b.at("check"), "Contradicting arguments", "A policy for %s has using only.", p.Command)
	}
	if l.add(p, b) {
		l.dependOnExpr(p.ID(), p.Using, own)
		l.dependOnExpr(p.ID(), p.Check, own)
	}
}

// pseudoRoles are words that stand for a role where a policy names one.
var pseudoRoles = []string{"PUBLIC", "CURRENT_USER", "CURRENT_ROLE", "SESSION_USER"}

// roles reads role names: strings, role.x, and bare words for PUBLIC and its like. Roles belong to the cluster, so no
// block has to declare them.
func (b *block) roles(attr string) []string {
	a := b.attrs[attr]
	if a == nil {
		return nil
	}
	items, diags := hcl.ExprList(a.Expr)
	if diags.HasErrors() {
		items = []hcl.Expression{a.Expr}
	}
	var out []string
	for _, item := range items {
		name, ok := b.role(item)
		if name == "PUBLIC" {
			return nil
		}
		if ok && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

func (b *block) role(item hcl.Expression) (string, bool) {
	if word := hcl.ExprAsKeyword(item); word != "" && !b.isVariable(word) {
		if slices.Contains(pseudoRoles, strings.ToUpper(word)) {
			return strings.ToUpper(word), true
		}
		b.errorf(item.Range(), "Unknown word", "A role is a string, role.name, or one of %s.%s", listWords(pseudoRoles),
			didYouMean(strings.ToUpper(word), pseudoRoles))
		return "", false
	}
	if steps, ok := b.path(item); ok && len(steps) == 2 && (steps[0].name == "role" || steps[0].name == "user") {
		return schema.Quote(steps[1].name), true
	}
	text, ok := b.text(item)
	return schema.Quote(text), ok
}

func (w *writer) policy(n *node, p *schema.Policy) {
	inner := n.block("policy", p.Name)
	if p.Restrictive {
		inner.attr("as", "RESTRICTIVE")
	}
	inner.word("for", p.Command)
	if len(p.Roles) > 0 {
		inner.attr("to", list(p.Roles, func(role string) string {
			if slices.Contains(pseudoRoles, role) {
				return role
			}
			name, _, _ := (&typeParser{text: role}).word()
			return quoted(name)
		}))
	}
	inner.text("using", p.Using)
	inner.text("check", p.Check)
	w.comment(inner, p.ID())
}
