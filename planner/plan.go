package planner

import (
	"fmt"
	"slices"

	"github.com/pleatdb/pleat/schema"
)

// Options say for what the plan is made.
type Options struct {
	// Major is the major version of the server that will run the plan; 0 means the oldest supported, 13.
	Major int
	// Lenient allows text that no engine has normalised yet, as a shadow needs it to build desired state: unknown
	// details are left to the engine's defaults, and cycles that come from guessed dependencies are broken.
	Lenient bool
	// NoDefault, with Lenient, names the defaults that a partition or child is declared not to take from its parent.
	NoDefault map[schema.ID]bool
	// Concurrently builds and drops indexes while their tables are in use; such a statement runs outside of a transaction.
	Concurrently bool
	// Apart makes a step of what concerns one existing table wherever the order allows it: a transaction that waits for
	// a lock of a second table keeps everyone from the first.
	Apart bool
	// Online attaches a new partition once it is there, which leaves its parent to readers and writers.
	Online bool
	// Numbered names columns that become identities and whose numbers somebody else carries over.
	Numbered map[schema.ID]bool
	// Up and Down say what only trying has shown, separately for the way there and the way back.
	Up, Down Findings
}

// Findings are what a proof has found out about one direction of a plan.
type Findings struct {
	// Casts gives the USING expression of a changed column where the engine has no assignment cast for the
	// new type. The key addresses the column.
	Casts map[schema.ID]string
	// Rebuild names objects that the engine refuses to alter in place, such as an extension without an update path.
	Rebuild map[schema.ID]bool
}

// reversed are the options for the opposite direction.
func (o Options) reversed() Options {
	o.Up, o.Down = o.Down, o.Up
	return o
}

// Change is one difference between two catalogs: nil From creates, nil To drops, both alter.
type Change struct {
	From schema.Object
	To   schema.Object
}

// ID is the identity of the changed object.
func (c Change) ID() schema.ID {
	if c.To != nil {
		return c.To.ID()
	}
	return c.From.ID()
}

// Statement is one SQL statement of a plan, without a final semicolon.
type Statement struct {
	SQL string
	// Object is what the statement is about; errors of the engine are reported against it.
	Object schema.ID
}

// Phase says when a step is safe to run.
type Phase uint8

const (
	// Expand is safe while the code that was written for the old shape runs.
	Expand Phase = iota
	// Contract is safe only once nothing uses the old shape.
	Contract
)

func (p Phase) String() string { return [...]string{"expand", "contract"}[p] }

// Mode is how a step is executed.
type Mode uint8

const (
	// Transaction executes all statements in one transaction.
	Transaction Mode = iota
	// Outside executes the only statement outside of a transaction, because it waits for others by itself.
	Outside
	// Batched executes the only statement, an UPDATE, in many short transactions, each over a range of rows.
	Batched
)

// Check is a query that must return no row before its step runs; rows that it returns are what stands in the way.
type Check struct {
	Message string
	SQL     string
}

// Step is what is executed, undone and resumed as a unit.
type Step struct {
	Title string
	Phase Phase
	Mode  Mode
	// Reason says why the step has the form that it has, in words for the reviewer; empty for the plain form.
	Reason string
	Checks []Check
	// Table is whose rows a batched step changes, and Batch how many of them at once; 0 leaves it to the applier.
	Table schema.ID
	Batch int
	Up    []Statement
	// Down leads back to the state before the step.
	Down []Statement
	// DownMode is how Down is executed; with Outside, each of its statements alone.
	DownMode Mode
	// Loses names what the step destroys together with the data in it; DownLoses the same of its undo.
	Loses     []schema.ID
	DownLoses []schema.ID
	// Effects is what each statement of Up does to a running database, in the same order; nil until it was measured or estimated.
	Effects []Effect
}

// Plan is the ordered way from one catalog to another.
type Plan struct {
	Steps   []Step
	Changes []Change
	// Rebuilt lists objects that are the same before and after but are dropped and created again on the way.
	Rebuilt []schema.ID
	// back lists what the way back touches, which can be more: a view that took a column in place has to be rebuilt
	// to lose it.
	back []schema.ID
}

// Empty reports whether nothing differs.
func (p *Plan) Empty() bool { return len(p.Steps) == 0 }

// Touched lists every object that the plan creates, alters, drops or rebuilds, without duplicates and sorted.
func (p *Plan) Touched() []schema.ID {
	seen := map[schema.ID]bool{}
	for _, c := range p.Changes {
		seen[c.ID()] = true
	}
	for _, id := range slices.Concat(p.Rebuilt, p.back) {
		seen[id] = true
	}
	return sortedIDs(seen)
}

// Unsupported is a change that pleat does not know how to make. It is an error and not a partial plan.
type Unsupported struct {
	Object schema.ID
	Reason string
}

func (e *Unsupported) Error() string { return fmt.Sprintf("%s: %s", e.Object, e.Reason) }

// New plans the way from one catalog to another, up and down. Both catalogs hold the engine's own text unless
// Options.Lenient says otherwise. The error is an [*Unsupported] where a change cannot be made.
func New(from, to *schema.Catalog, opts Options) (*Plan, error) {
	up, err := sequence(from, to, opts)
	if err != nil {
		return nil, err
	}
	plan := &Plan{Changes: up.diff(), Rebuilt: up.rebuilt()}
	if len(plan.Changes) == 0 {
		return plan, nil
	}
	steps, back, err := cut(up, opts)
	plan.Steps, plan.back = steps, back
	return plan, err
}

// Statements lists the way from one catalog to another without its way back and without cutting it into steps:
// what a shadow needs to build a state.
func Statements(from, to *schema.Catalog, opts Options) ([]Statement, error) {
	p, err := sequence(from, to, opts)
	if err != nil {
		return nil, err
	}
	return statements(p.actions), nil
}

// sequence runs the four stages.
func sequence(from, to *schema.Catalog, opts Options) (*planning, error) {
	if opts.Major == 0 {
		opts.Major = 13
	}
	p := newPlanning(from, to, opts)
	p.compare()
	if err := p.expand(); err != nil {
		return nil, err
	}
	if err := p.act(); err != nil {
		return nil, err
	}
	if err := p.order(); err != nil {
		return nil, err
	}
	p.fold()
	return p, nil
}

func statements(actions []*action) []Statement {
	var out []Statement
	for _, a := range actions {
		for _, sql := range a.sql {
			out = append(out, Statement{SQL: sql, Object: a.id})
		}
	}
	return out
}

// Assemble makes a plan of steps that were planned piece by piece. touched holds what they make, change or end on the way.
func Assemble(steps []Step, changes []Change, touched map[schema.ID]bool) *Plan {
	return &Plan{Steps: steps, Changes: changes, back: sortedIDs(touched)}
}

// Replaced reports whether a changed object has to be dropped and created, because it cannot be altered where it stands.
// It is for kinds that are no tables.
func Replaced(c Change) bool {
	r := rules[c.ID().Kind]
	return r.replaces == nil || r.replaces(nil, c.From, c.To)
}
