package draft

import (
	"context"
	"fmt"
	"slices"

	"github.com/pleatdb/pleat/history/migration"
	"github.com/pleatdb/pleat/planner"
	"github.com/pleatdb/pleat/schema"
)

// beside is a plan that does not wait for the contract files that are pending. It starts from the state without them, and is
// shown to lead to the same end whether they run before it or after.
type beside struct {
	contracts []*migration.Migration
	// base is the state without the contracts, after the states once each of them has run; goal is the desired state without what
	// the contracts do.
	base, goal *schema.Catalog
	after      []*schema.Catalog
}

// besides prepares such a plan; nil where no contract is pending, or where what is desired collides with what they do. Then
// the plan starts from the state after them, and its file waits as well.
func (r *Request) besides(ctx context.Context, whole, desired *schema.Catalog) (*beside, error) {
	b := &beside{}
	var others []*migration.Migration
	for _, m := range r.Pending {
		switch {
		case m.Phase != migration.Contract:
			others = append(others, m)
		case !m.Generated || !m.Bounded():
			return nil, nil
		default:
			b.contracts = append(b.contracts, m)
		}
	}
	if !r.Online || len(b.contracts) == 0 || len(planner.Diff(whole, desired)) == 0 {
		return nil, nil
	}
	var err error
	if b.base, err = r.Shadow.Replay(ctx, r.Live, Scripts(others)); err != nil {
		if ctx.Err() == nil {
			return nil, nil // all of them together were replayed before, so that some stand on the contracts
		}
		return nil, err
	}
	for i := range b.contracts {
		if i == len(b.contracts)-1 {
			b.after = append(b.after, whole)
			break
		}
		state, err := r.Shadow.Replay(ctx, b.base, Scripts(b.contracts[:i+1]))
		if err != nil {
			return nil, err
		}
		b.after = append(b.after, state)
	}
	if b.goal = merge(b.base, whole, desired); b.goal == nil {
		return nil, nil
	}
	return b, nil
}

// merge is what is desired without what the contracts do: the changes from whole to desired, made to base. It is nil where both
// change the same thing.
func merge(base, whole, desired *schema.Catalog) *schema.Catalog {
	out := desired.Clone()
	for _, c := range planner.Diff(base, whole) {
		id := c.ID()
		wanted := desired.Get(id)
		switch {
		case same(wanted, c.To):
			out.Remove(id)
			out.Put(base, id)
		case same(wanted, c.From):
		default:
			table := mergeTable(c.From, c.To, wanted)
			if table == nil {
				return nil
			}
			kept := base.Columns(id)
			out.Add(table)
			for _, column := range kept {
				if out.Has(column) {
					for _, need := range base.DependsOn(column) {
						out.Depend(column, need)
					}
				}
			}
		}
	}
	return out
}

func same(a, b schema.Object) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	return planner.Equal(a, b)
}

// mergeTable merges the columns of a table one by one; nil where both sides change the same one, or something else of it.
func mergeTable(base, whole, desired schema.Object) *schema.Table {
	b, isTable := base.(*schema.Table)
	w, stays := whole.(*schema.Table)
	d, wanted := desired.(*schema.Table)
	if !isTable || !stays || !wanted {
		return nil
	}
	rest := *w
	rest.Columns = b.Columns
	if !planner.Equal(&rest, b) {
		return nil
	}
	out := *d
	out.Columns = nil
	for i := range b.Columns {
		before := &b.Columns[i]
		after, want := w.Column(before.Name), d.Column(before.Name)
		switch {
		case sameColumn(want, after):
			out.Columns = append(out.Columns, *before)
		case !sameColumn(before, after):
			return nil
		case want != nil:
			out.Columns = append(out.Columns, *want)
		}
	}
	for i := range d.Columns {
		want := &d.Columns[i]
		if b.Column(want.Name) != nil {
			continue
		}
		if after := w.Column(want.Name); after == nil {
			out.Columns = append(out.Columns, *want)
		} else if !sameColumn(after, want) {
			return nil
		}
	}
	return &out
}

func sameColumn(a, b *schema.Column) bool {
	if a == nil || b == nil {
		return a == b
	}
	return planner.Equal(&schema.Table{Columns: []schema.Column{*a}}, &schema.Table{Columns: []schema.Column{*b}})
}

// scopes writes into the files how they and the contracts stand to each other, and finds out whether both orders lead to the same
// end.
func (b *beside) scopes(ctx context.Context, r *Request, files []*migration.Migration, desired *schema.Catalog) error {
	first := files[0]
	state := b.goal
	if len(files) > 1 {
		var err error
		if state, err = r.Shadow.Replay(ctx, b.base, Scripts(files[:1])); err != nil {
			return err
		}
	}
	for i, contract := range b.contracts {
		then := migration.Scope{Before: state.FingerprintOf(contract.Objects)}
		next, err := r.Shadow.Replay(ctx, state, Scripts([]*migration.Migration{contract}))
		if err != nil {
			return fmt.Errorf("show that %s still runs after this plan: %w", contract.File(), err)
		}
		other, err := r.Shadow.Replay(ctx, b.after[i], Scripts(files[:1]))
		if err != nil {
			return fmt.Errorf("show that this plan runs after %s as well: %w", contract.File(), err)
		}
		if diff := planner.Diff(next, other); len(diff) > 0 {
			return fmt.Errorf("%s and this plan do not lead to the same end in either order: %s", contract.File(), diff[0].ID())
		}
		then.After = next.FingerprintOf(contract.Objects)
		first.Beside = append(first.Beside, migration.Beside{
			Contract: contract.Version, Then: then,
			First: migration.Scope{Before: b.after[i].FingerprintOf(first.Objects), After: next.FingerprintOf(first.Objects)},
		})
		state = next
	}
	if len(files) == 1 {
		return nil
	}
	// The new contract comes after the old ones.
	last := files[1]
	end, err := r.Shadow.Replay(ctx, state, Scripts(files[1:]))
	if err != nil {
		return err
	}
	if diff := planner.Diff(end, desired); slices.ContainsFunc(diff, func(c planner.Change) bool { return c.ID().Kind != schema.KindOwner }) {
		return fmt.Errorf("the contracts do not lead to the desired state one after the other: %s", diff[0].ID())
	}
	last.Before, last.After = state.FingerprintOf(last.Objects), end.FingerprintOf(last.Objects)
	return nil
}
