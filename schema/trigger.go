package schema

// Trigger is a trigger of a table or view; the clones that partitions inherit are not objects.
type Trigger struct {
	Schema string
	Table  string
	Name   string
	// Timing is BEFORE, AFTER or INSTEAD OF.
	Timing string
	// Events are INSERT, UPDATE, DELETE and TRUNCATE, in this order.
	Events []string
	// UpdateOf restricts UPDATE to some columns.
	UpdateOf []string
	// Row is FOR EACH ROW; otherwise FOR EACH STATEMENT.
	Row bool
	// When is the condition without surrounding parentheses; empty for none.
	When string
	// Constraint triggers can be deferred and may name a second table in From.
	Constraint bool
	Deferral   Deferral
	From       *Name
	// OldTable and NewTable name the transition tables.
	OldTable string
	NewTable string
	// Enabled is "" (origin), "disabled", "replica" or "always".
	Enabled string
	// Function is the trigger function.
	Function Name
	// Args are the literal arguments.
	Args []string
}

// ID implements [Object].
func (t *Trigger) ID() ID { return tableObjectID(KindTrigger, t.Schema, t.Table, t.Name) }
func (*Trigger) object()  {}
