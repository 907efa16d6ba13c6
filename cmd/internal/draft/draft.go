package draft

import (
	"context"
	"fmt"
	"slices"

	"github.com/pleatdb/pleat/history/migration"
	"github.com/pleatdb/pleat/inspect/shadow"
	"github.com/pleatdb/pleat/planner"
	"github.com/pleatdb/pleat/schema"
	"github.com/pleatdb/pleat/schema/hclfile"
)

// Request is what a draft is made from.
type Request struct {
	// Live is the state of the database, or an empty catalog.
	Live    *schema.Catalog
	Desired *hclfile.Desired
	// Pending are migrations of the directory that the database has not seen, in order.
	Pending []*migration.Migration
	Shadow  *shadow.Shadow
	// Name and Version name the migration.
	Name    string
	Version string
	// Major is the major version of the target.
	Major int
	// Online divides what blocks or breaks running programs into steps and phases that do not; otherwise one file does all at once.
	Online bool
	// Hard drops at once instead of moving what goes to the trash first; it needs Online.
	Hard bool
	// Taken names what is in the trash of the database; see planner/online.
	Taken map[schema.ID]bool
	// Renames is "drop" to take look-alike drops and creations as they stand; otherwise they are a [*RenameError].
	Renames string
}

// Draft is a proven plan.
type Draft struct {
	Plan *planner.Plan
	// Migrations are the files to be written: none when nothing differs, and two where the plan is divided into phases.
	Migrations []*migration.Migration
	// Base is the state from which the plan starts, pending migrations included; Desired the state in which it ends.
	Base, Desired *schema.Catalog
	// Lossy finds values of the live database that a change of type would lose or refuse, and about which nothing is declared.
	Lossy []planner.Check
	// Notes are remarks for the user, such as declarations that have done their work.
	Notes []string
}

// RenameError lists drops and creations that look like renames which nobody declared.
type RenameError struct {
	Pairs []planner.Move
}

func (e *RenameError) Error() string {
	p := e.Pairs[0]
	text := fmt.Sprintf("dropping %s and creating %s looks like a rename", p.From, p.To)
	if n := len(e.Pairs) - 1; n > 0 {
		text += fmt.Sprintf(", and so do %d more", n)
	}
	return text + "; declare it with a moved block, or say that the drop is meant with a removed block"
}

// New makes and proves a plan. The errors are those of packages shadow and planner, and [*RenameError].
func New(ctx context.Context, r Request) (*Draft, error) {
	base, err := r.Shadow.Replay(ctx, r.Live, Scripts(r.Pending))
	if err != nil {
		return nil, err
	}
	d := &Draft{Base: base, Notes: r.unheard()}
	m := &moves{state: base}
	if err := r.declaredMoves(ctx, d, m); err != nil {
		return nil, err
	}
	d.Desired, _, err = r.Shadow.Elaborate(ctx, m.state, r.wanted(m.state), r.Desired.NoDefault)
	if err != nil {
		return nil, err
	}
	m.keepRights(d.Desired)
	if err := r.checkRenames(m, d.Desired); err != nil {
		return nil, err
	}
	if err := m.apply(ctx, r.Shadow, d.Desired, planner.SafeRenames(m.state, d.Desired), nil); err != nil {
		return nil, err
	}
	return d, r.settle(ctx, d, m)
}

// settle proves the plan, beside pending contracts where that can be, else after them.
func (r *Request) settle(ctx context.Context, d *Draft, m *moves) error {
	if len(m.step.Up) > 0 || len(m.carried) > 0 {
		return r.prove(ctx, d, m)
	}
	b, err := r.besides(ctx, m.state, d.Desired)
	if err != nil || b == nil {
		if err != nil {
			return err
		}
		return r.prove(ctx, d, m)
	}
	desired := d.Desired
	d.Base, d.Desired = b.base, b.goal
	if err := r.prove(ctx, d, &moves{state: b.base}); err != nil || len(d.Migrations) == 0 || d.Migrations[0].Phase == migration.Contract {
		d.Base, d.Desired = m.state, desired
		return r.prove(ctx, d, m)
	}
	return b.scopes(ctx, r, d.Migrations, desired)
}

// wanted is the declared state with what it leaves open taken from the live one.
func (r *Request) wanted(moved *schema.Catalog) *schema.Catalog {
	r.Desired.ReadTexts(func(id schema.ID) bool {
		o, live := r.Desired.Catalog.Get(id), moved.Get(id)
		return o != nil && live != nil && planner.Equal(o, live)
	})
	declared := r.Desired.Catalog.Clone()
	for _, removed := range r.Desired.Removed {
		if !removed.Destroy {
			keep(moved, declared, removed.ID)
		}
	}
	return shadow.Carry(moved, declared, r.Desired.NoDefault)
}

// keep leaves an object that is no longer managed in place, with all that belongs to it.
func keep(live, declared *schema.Catalog, id schema.ID) {
	declared.Put(live, id)
	for _, other := range live.IDs() {
		owner, ok := live.Owner(other)
		if ok && owner == id || other.Kind.IsAttachment() && other.Target() == id {
			declared.Put(live, other)
		}
	}
}

func (r *Request) checkRenames(m *moves, desired *schema.Catalog) error {
	if r.Renames == "drop" {
		return nil
	}
	var pairs []planner.Move
	for _, pair := range planner.LikelyRenames(m.state, desired) {
		if !r.meant(pair.From) && !slices.Contains(m.carried, pair) {
			pairs = append(pairs, pair)
		}
	}
	if len(pairs) > 0 {
		return &RenameError{pairs}
	}
	return nil
}

// meant reports whether a removed block says that the object is to go.
func (r *Request) meant(id schema.ID) bool {
	for _, removed := range r.Desired.Removed {
		if removed.Destroy && removed.ID == id {
			return true
		}
	}
	return false
}

// prove plans and proves, and plans again with what a failed proof has shown.
func (r *Request) prove(ctx context.Context, d *Draft, m *moves) error {
	found := newFindings(r.Desired.Converts)
	var harmless map[schema.ID]bool
	for {
		plan, measure, err := r.plan(ctx, d, m, found, harmless)
		if err != nil {
			return err
		}
		m.precede(plan, d.Base)
		d.Plan = plan
		if plan.Empty() {
			return nil
		}
		proof, err := r.Shadow.Prove(ctx, d.Base, d.Desired, plan)
		if found.learn(err, m.state, d.Desired) {
			continue
		}
		if err != nil {
			return err
		}
		if measure {
			harmless = harmlessColumns(plan)
			continue
		}
		d.Migrations, err = r.migrations(plan, proof)
		return err
	}
}
