package online

import (
	"cmp"
	"slices"

	"github.com/pleatdb/pleat/planner"
	"github.com/pleatdb/pleat/schema"
)

// task is a change that has steps of its own.
type task struct {
	rank int
	id   schema.ID
	run  func() error
}

// The order of tasks: rows are filled before anything is demanded of them, and built on before anything refers to them.
const (
	rankFill = iota
	rankRequire
	rankIdentify
	rankIndex
	rankKey
	rankCheck
	rankForeignKey
)

// expand goes to the state between the phases.
func (r *route) expand(d *division) error {
	if err := r.aliases(d); err != nil {
		return err
	}
	places := r.holdPlaces(d)
	mid := d.goal.Clone()
	tasks := r.tasks(d, mid)
	takeBack(mid, r.cur, d.goal)
	if err := r.typesFirst(d); err != nil {
		return err
	}
	if err := r.apart(mid); err != nil {
		return err
	}
	if err := r.drive(mid, ""); err != nil {
		return err
	}
	r.explain(d)
	slices.SortStableFunc(tasks, func(a, b task) int { return cmp.Or(a.rank-b.rank, a.id.Compare(b.id)) })
	for _, t := range tasks {
		if err := t.run(); err != nil {
			return err
		}
	}
	if err := r.drive(d.goal, ""); err != nil {
		return err
	}
	for _, place := range places {
		if err := place(); err != nil {
			return err
		}
	}
	return nil
}

// tasks finds what needs steps of its own and takes it out of mid, which is what the first steps lead to.
func (r *route) tasks(d *division, mid *schema.Catalog) []task {
	var out []task
	add := func(rank int, id schema.ID, run func() error) { out = append(out, task{rank, id, run}) }
	for id, f := range d.fills {
		f.hold(mid, id)
		add(rankFill, id, func() error { return r.fill(id, f, d.goal) })
		if f.sequence != "" {
			add(rankIdentify, id, func() error { return r.identify(id, f) })
		}
	}
	for _, c := range planner.Diff(r.cur, d.goal) {
		id := c.ID()
		if c.To == nil || id.Kind != schema.KindTable && d.opts.changedInPlace(id) {
			continue
		}
		if id.Kind == schema.KindTable && c.From != nil {
			r.columnTasks(d, mid, c.From.(*schema.Table), add)
			continue
		}
		owner, ok := r.cur.Owner(id)
		if !ok || d.goal.Get(owner) == nil || owner.Kind != schema.KindTable && owner.Kind != schema.KindMaterialized {
			continue // of a table that the same plan makes, which nobody uses yet
		}
		if rank, run := r.taskOf(d, c, owner); run != nil {
			hold(mid, r.cur, c)
			add(rank, id, run)
		}
	}
	return out
}

// columnTasks finds columns that become NOT NULL.
func (r *route) columnTasks(d *division, mid *schema.Catalog, from *schema.Table, add func(int, schema.ID, func() error)) {
	to := d.goal.Get(from.ID()).(*schema.Table)
	if to.ReplicaIndex != from.ReplicaIndex { // which may be built on the way
		edit(mid, from.ID(), func(t *schema.Table) { t.ReplicaIdentity, t.ReplicaIndex = from.ReplicaIdentity, from.ReplicaIndex })
	}
	for i := range to.Columns {
		after := &to.Columns[i]
		id := schema.ColumnID(from.ID(), after.Name)
		before := from.Column(after.Name)
		filled := d.fills[id].set != ""
		if s := r.numberedBy(id, d.goal); s != nil && !d.opts.changedInPlace(id) {
			r.stayNumbered(mid, id, s)
			add(rankIdentify, id, func() error { return r.succeed(id, s, d.goal) })
		}
		if !after.NotNull || after.Inherited || d.opts.changedInPlace(id) || before == nil && !filled || before != nil && before.NotNull {
			continue
		}
		for _, t := range append(descendants(d.goal, from.ID()), from.ID()) {
			if column(r.cur, schema.ColumnID(t, after.Name)) != nil || filled {
				editColumn(mid, schema.ColumnID(t, after.Name), func(c *schema.Column) { c.NotNull = false })
			}
		}
		add(rankRequire, id, func() error { return r.require(id, d.goal, filled) })
	}
}

// taskOf says how an object of a table that is in use gets its new state; nil where the plain form blocks nobody.
func (r *route) taskOf(d *division, c planner.Change, owner schema.ID) (int, func() error) {
	id, goal := c.ID(), d.goal
	t, _ := goal.Get(owner).(*schema.Table)
	partitioned := t != nil && t.Partition != nil
	switch to := c.To.(type) {
	case *schema.Index:
		switch {
		case partitioned && c.From == nil && to.AttachedTo == nil:
			return rankIndex, func() error { return r.partitionedIndex(id, goal) }
		case c.From == nil && to.AttachedTo != nil && r.cur.Get(parentIndex(goal, to)) == nil:
			return rankIndex, func() error { return nil } // comes with its parent's
		case partitioned || to.AttachedTo != nil || d.retypedBelow(id):
			return 0, nil
		case c.From == nil:
			return rankIndex, func() error { return r.create(id, goal) }
		case planner.Replaced(c) && (t == nil || t.ReplicaIndex != id.Name):
			return rankIndex, func() error { return r.exchange(id, goal) }
		}
	case *schema.PrimaryKey, *schema.Unique:
		switch parent := parentOf(goal, owner); {
		case c.From == nil && attachedTo(to) != "" && r.cur.Get(schema.ID{Kind: id.Kind, Schema: parent.Schema, Parent: parent.Name, Name: attachedTo(to)}) == nil:
			return rankKey, func() error { return nil } // comes with its parent's
		case c.From == nil && partitioned && !overlaps(to) && attachedTo(to) == "":
			return rankKey, func() error { return r.partitionedUnique(id, goal) }
		}
		if c.From == nil && !partitioned && !overlaps(to) && attachedTo(to) == "" {
			return rankKey, func() error { return r.key(id, goal) }
		}
	case *schema.Check:
		if !to.NotValid && !to.NotEnforced && !onlyValidated(c) {
			return rankCheck, func() error { return r.constrain(id, goal) }
		}
	case *schema.ForeignKey:
		if to.NotValid || to.NotEnforced || onlyValidated(c) {
			return 0, nil
		}
		if partitioned && r.opts.Major < 18 {
			return rankForeignKey, func() error { return r.partitionedKey(id, goal) }
		}
		return rankForeignKey, func() error { return r.constrain(id, goal) }
	}
	return 0, nil
}

// parentIndex is the index of the partitioned parent that the index is part of.
func parentIndex(c *schema.Catalog, i *schema.Index) schema.ID {
	for _, need := range c.DependsOn(i.ID()) {
		if need.Kind == schema.KindIndex && need.Schema == i.AttachedTo.Schema && need.Name == i.AttachedTo.Name {
			return need
		}
	}
	return schema.ID{}
}

// retypedBelow reports whether a column of the index changes its type where it stands: the engine carries the index along, and
// nobody but it knows how the old text reads then.
func (d *division) retypedBelow(id schema.ID) bool {
	for _, need := range d.to.DependsOn(id) {
		before, after := column(d.from, need), column(d.goal, need)
		if need.Kind == schema.KindColumn && before != nil && after != nil && before.Type != after.Type {
			return true
		}
	}
	return false
}

func overlaps(o schema.Object) bool {
	switch c := o.(type) {
	case *schema.PrimaryKey:
		return c.WithoutOverlaps
	case *schema.Unique:
		return c.WithoutOverlaps
	}
	return false
}

func attachedTo(o schema.Object) string {
	switch c := o.(type) {
	case *schema.PrimaryKey:
		return c.Index.AttachedTo
	case *schema.Unique:
		return c.Index.AttachedTo
	}
	return ""
}

// onlyValidated reports whether nothing but NOT VALID differs, which one statement mends by itself.
func onlyValidated(c planner.Change) bool {
	return c.From != nil && planner.Equal(notValid(c.From), notValid(c.To))
}

// hold leaves an object as it is for now.
func hold(mid, cur *schema.Catalog, c planner.Change) {
	removeWith(mid, c.ID())
	if c.From != nil {
		putWith(mid, cur, c.ID())
	}
}

// takeBack takes out of mid what needs something that is not there yet; the last steps of the phase bring it.
func takeBack(mid, cur, goal *schema.Catalog) {
	for again := true; again; {
		again = false
		for _, c := range planner.Diff(cur, mid) {
			if c.To == nil || c.ID().Kind == schema.KindTable && c.From != nil {
				continue
			}
			for _, need := range mid.AllNeeds(c.ID()) {
				if !mid.Has(need) && goal.Has(need) {
					hold(mid, cur, c)
					again = true
					break
				}
			}
		}
	}
}

// explain gives the steps that prepare a new column their reason, and the checks that have to pass before anything is changed.
func (r *route) explain(d *division) {
	for i := range r.steps {
		step := &r.steps[i]
		for _, c := range d.carried {
			if about(step, c.to) {
				// Its values are copies, so that nothing is lost with it.
				step.DownLoses = slices.DeleteFunc(step.DownLoses, func(id schema.ID) bool { return id == c.to })
				step.Reason = c.reason
				_, declared := d.opts.Converts[c.from]
				step.Checks = append(step.Checks, c.lossy(declared, d.opts.Major, d.from, d.to)...)
			}
		}
		for _, id := range d.unfilled {
			if about(step, id) {
				step.Checks = append(step.Checks, planner.Check{
					Message: "rows of " + tableOf(id).String() + " would have no value in " + schema.Quote(id.Name) + "; declare a default or a backfill",
					SQL:     "SELECT * FROM " + tableOf(id).SQL(),
				})
			}
		}
	}
}

// about reports whether a statement of the step is about the column.
func about(step *planner.Step, column schema.ID) bool {
	return slices.ContainsFunc(step.Up, func(s planner.Statement) bool { return s.Object == column })
}
