package online

import (
	"github.com/pleatdb/pleat/planner"
	"github.com/pleatdb/pleat/schema"
)

// Options say what the way may look like. Maps are keyed by the address of the column where nothing else is said.
type Options struct {
	planner.Options
	// Today dates what goes into the trash, YYYYMMDD.
	Today string
	// Renames are columns that change their name while code that knows the old one runs. Both addresses are of the same table.
	Renames []planner.Move
	// Aliases are tables that were renamed just before: old name to new. Under the old one a view stays until the contract.
	Aliases []planner.Move
	// Backfills say how rows that are there get the value of a column.
	Backfills map[schema.ID]Backfill
	// Converts are expressions for a change of type, as the user declared them.
	Converts map[schema.ID]Convert
	// InPlace names tables, columns, indexes and constraints that are to be changed where they stand, whatever that locks. What a
	// table says holds for all of it, but for what is named with false.
	InPlace map[schema.ID]bool
	// Harmless names columns whose change was seen to read, write and build nothing.
	Harmless map[schema.ID]bool
	// Hard drops what goes at once instead of moving it to the trash.
	Hard bool
	// AtOnce names columns and tables that are dropped instead of moved to the trash.
	AtOnce map[schema.ID]bool
	// Taken names what is in the trash already, so that nothing gets its name: columns, triggers and functions, and everything in a
	// schema of the trash as a table, whatever it is. A schema, or a name that says not where, is taken whole.
	Taken map[schema.ID]bool
	// RenameColumn rewrites an expression over the columns of one table.
	RenameColumn func(expr, from, to string) (string, error)
	// Columns lists the columns that an expression over one table reads; false where that cannot be told.
	Columns func(expr string) ([]string, bool)
	// RenameType rewrites an expression that names a type with its schema.
	RenameType func(expr string, from, to schema.Name) (string, error)
	// Bounds are the conditions, by table, that a partition's rows meet, as the engine writes them.
	Bounds map[schema.ID]string
	// Late names tables whose place as a partition is taken by another until the contract.
	Late map[schema.ID]bool
}

// changedInPlace reports whether a table, or a part of one, is changed where it stands.
func (o *Options) changedInPlace(id schema.ID) bool {
	if own, said := o.InPlace[id]; said {
		return own
	}
	return o.InPlace[tableOf(id)]
}

// Backfill says how rows that are there get a value.
type Backfill struct {
	// Set is an expression over the columns of the table.
	Set string
	// Batch is the number of rows of one transaction; 0 leaves it to the applier.
	Batch int
}

// Convert maps values of a column to its new type and back.
type Convert struct {
	Using, Reverse string
}

// New plans the way from one catalog to another so that code which was written for either side runs all along.
// The steps of the expand phase come first. Errors are those of [planner.New].
func New(from, to *schema.Catalog, opts Options) (*planner.Plan, error) {
	plain, err := planner.New(from, to, opts.Options)
	if err != nil || plain.Empty() && len(opts.Aliases) == 0 {
		return plain, err
	}
	opts.Online = true
	d := divide(from, to, opts)
	r := &route{opts: opts, from: from, to: to, cur: from, touched: map[schema.ID]bool{}, trash: newTrashNames(opts), held: map[schema.ID]bool{}}
	if err := r.expand(d); err != nil {
		return nil, err
	}
	r.phase = planner.Contract
	if err := r.contract(d); err != nil {
		return nil, err
	}
	r.giveReasons(d)
	for _, id := range plain.Touched() {
		r.touched[id] = true
	}
	return planner.Assemble(r.steps, plain.Changes, r.touched), nil
}

// route is the way so far: the steps, and the state to which they lead.
type route struct {
	opts     Options
	from, to *schema.Catalog
	cur      *schema.Catalog
	phase    planner.Phase
	steps    []planner.Step
	touched  map[schema.ID]bool
	trash    *trashNames
	// held are types that something in the trash still has.
	held map[schema.ID]bool
}

// drive goes to a state by the plain form of every change.
func (r *route) drive(next *schema.Catalog, reason string) error {
	plan, err := planner.New(r.cur, next, r.opts.Options)
	if err != nil {
		return err
	}
	for _, id := range plan.Touched() {
		r.touched[id] = true
	}
	for _, step := range plan.Steps {
		step.Phase, step.Reason = r.phase, reason
		r.steps = append(r.steps, step)
	}
	r.cur = next
	return nil
}

// outside goes to a state by statements that wait for others by themselves, one a step: what is built or dropped are indexes.
func (r *route) outside(next *schema.Catalog, reason string, checks ...planner.Check) error {
	opts := r.opts.Options
	opts.Concurrently = true
	plan, err := planner.New(r.cur, next, opts)
	if err != nil {
		return err
	}
	for _, step := range plan.Steps {
		for i := range step.Up {
			one := planner.Step{
				Title: step.Title, Phase: r.phase, Mode: planner.Outside, DownMode: planner.Outside, Reason: reason, Checks: checks,
				Up: step.Up[i : i+1],
			}
			if i == 0 {
				one.Down = step.Down
			}
			r.add(one, nil)
			checks = nil
		}
	}
	r.visit(next)
	return nil
}

// add appends a step that is ready, and what it leads to. A nil state leaves it where it is.
func (r *route) add(step planner.Step, next *schema.Catalog) {
	step.Phase = r.phase
	r.steps = append(r.steps, step)
	if next != nil {
		r.visit(next)
	}
}

// visit moves on to a state and remembers what differs there.
func (r *route) visit(next *schema.Catalog) {
	for _, c := range planner.Diff(r.cur, next) {
		r.touched[c.ID()] = true
	}
	r.cur = next
}

// merge makes one step of all that f adds: one transaction.
func (r *route) merge(title, reason string, f func() error) error {
	first := len(r.steps)
	if err := f(); err != nil {
		return err
	}
	parts := r.steps[first:]
	step := planner.Step{Title: title, Phase: r.phase, Reason: reason}
	for i := range parts {
		step.Up = append(step.Up, parts[i].Up...)
		step.Down = append(step.Down, parts[len(parts)-1-i].Down...)
		step.Checks = append(step.Checks, parts[i].Checks...)
		step.Loses = append(step.Loses, parts[i].Loses...)
		step.DownLoses = append(step.DownLoses, parts[i].DownLoses...)
	}
	r.steps = r.steps[:first]
	if len(step.Up) > 0 {
		r.steps = append(r.steps, step)
	}
	return nil
}

func statement(about schema.ID, sql string) planner.Statement {
	return planner.Statement{SQL: sql, Object: about}
}

func alterTable(table schema.ID) string { return "ALTER TABLE " + table.SQL() + " " }

// tableOf is the table that a column, constraint, index or trigger belongs to.
func tableOf(id schema.ID) schema.ID {
	return schema.ID{Kind: schema.KindTable, Schema: id.Schema, Name: id.Parent}
}
