package schema

// Rule is a rewrite rule other than the one that makes a view. HCL cannot declare one yet; it is modelled so
// that a view that is replaced gets its rules back.
type Rule struct {
	Schema string
	Table  string
	Name   string
	// Definition is what pg_get_ruledef prints, without the final semicolon.
	Definition string
	// Enabled is "" (origin), "disabled", "replica" or "always".
	Enabled string
}

// ID implements [Object].
func (r *Rule) ID() ID { return tableObjectID(KindRule, r.Schema, r.Table, r.Name) }
func (*Rule) object()  {}
