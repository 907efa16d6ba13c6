package shadow

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/pleatdb/pleat/planner"
	"github.com/pleatdb/pleat/schema"
)

// Elaborate gives desired state the engine's own form. Desired comes from [Carry]. Objects that equal the live
// ones are taken as they are; the others are built on the shadow, with the closure of what they need and with everything
// live that follows from them, and read back. noDefault is the same as for Carry.
//
// The second result tells the identity that the engine gave to objects whose declared name it normalised, such as
// function f(int4). The error is an [*ObjectError] where the engine refuses a text.
func (s *Shadow) Elaborate(ctx context.Context, live, desired *schema.Catalog, noDefault map[schema.ID]bool) (*schema.Catalog, map[schema.ID]schema.ID, error) {
	differing := differences(live, desired)
	out := desired.Clone()
	renamed := map[schema.ID]schema.ID{}
	derived := affected(live, append(slices.Clone(differing), gone(live, desired)...))
	derived = slices.DeleteFunc(derived, func(id schema.ID) bool { return !desired.Has(id) })
	if len(differing)+len(derived) > 0 {
		send := newClosure(desired)
		for _, id := range append(slices.Clone(differing), derived...) {
			send.add(id)
		}
		for _, id := range differing {
			for _, need := range live.AllNeeds(id) { // more exact than what a text mentions
				send.add(need)
			}
		}
		built, initial, err := s.tryElaborate(ctx, desired, send, noDefault)
		if err != nil {
			return nil, nil, err
		}
		fresh := map[schema.ID]bool{}
		for _, id := range append(slices.Clone(differing), derived...) {
			fresh[id] = true
		}
		renamed = adopt(out, built, initial, send.ids, fresh)
		if err := missing(out, fresh, renamed); err != nil {
			return nil, nil, err
		}
	}
	CarryAttachments(live, out)
	if err := s.withoutOwnComments(ctx, live, out); err != nil {
		return nil, nil, err
	}
	return out, renamed, nil
}

// differences lists the objects, attachments aside, that the live state lacks or has in another form.
func differences(live, desired *schema.Catalog) []schema.ID {
	var out []schema.ID
	for _, id := range desired.IDs() {
		if id.Kind.IsAttachment() || id.Kind == schema.KindUnmanaged {
			continue
		}
		if o := live.Get(id); o == nil || !planner.Equal(o, desired.Get(id)) {
			out = append(out, id)
		}
	}
	return out
}

// gone lists what is live and not desired. What needs it and stays may need something else of the same name now.
func gone(live, desired *schema.Catalog) []schema.ID {
	return slices.DeleteFunc(withoutAttachments(slices.Clone(live.IDs())), desired.Has)
}

func withoutAttachments(ids []schema.ID) []schema.ID {
	return slices.DeleteFunc(ids, func(id schema.ID) bool {
		return id.Kind.IsAttachment() || id.Kind == schema.KindUnmanaged
	})
}

// tryElaborate builds the sent objects. Text does not always mention what it needs, as an index does not name the
// extension of its default operator class: what fails is tried again with all extensions, and then with everything.
func (s *Shadow) tryElaborate(ctx context.Context, desired *schema.Catalog, send *closure, noDefault map[schema.ID]bool) (built, initial *schema.Catalog, err error) {
	var refused *ObjectError
	built, initial, err = s.elaborated(ctx, desired.Subset(withoutAttachments(send.list())), noDefault)
	if !errors.As(err, &refused) {
		return built, initial, err
	}
	size := len(send.ids)
	for _, id := range desired.IDs() {
		if id.Kind == schema.KindExtension {
			send.add(id)
		}
	}
	if len(send.ids) > size {
		built, initial, err = s.elaborated(ctx, desired.Subset(withoutAttachments(send.list())), noDefault)
		if !errors.As(err, &refused) {
			return built, initial, err
		}
	}
	all := desired.Subset(withoutAttachments(slices.Clone(desired.IDs())))
	if whole, start, second := s.elaborated(ctx, all, noDefault); second == nil {
		for _, id := range all.IDs() {
			send.ids[id] = true
		}
		return whole, start, nil
	}
	return nil, nil, err
}

// elaborated builds desired objects in a new database and reads it back.
func (s *Shadow) elaborated(ctx context.Context, c *schema.Catalog, noDefault map[schema.ID]bool) (built, initial *schema.Catalog, err error) {
	d, drop, err := s.scratch(ctx)
	if err != nil {
		return nil, nil, err
	}
	defer drop()
	if err := d.guess(ctx, c, noDefault); err != nil {
		return nil, nil, err
	}
	built, err = d.inspect(ctx)
	return built, d.initial, err
}

// adopt puts what the engine made of the sent objects in their place. Objects that were sent only because others
// need them keep their live form.
func adopt(out, built, initial *schema.Catalog, sent, fresh map[schema.ID]bool) map[schema.ID]schema.ID {
	renamed := map[schema.ID]schema.ID{}
	for _, id := range built.IDs() {
		isNew := initial.Get(id) == nil && !sent[id]
		switch {
		case id.Kind.IsAttachment():
		case fresh[id], isNew:
			if isNew {
				if declared, ok := declaredAs(built, sent, id); ok {
					renamed[declared] = id
				}
			}
			out.Put(built, id)
		}
	}
	for declared, id := range renamed {
		moveAttachments(out, declared, id)
		out.Remove(declared)
	}
	return renamed
}

// declaredAs finds the sent routine that came back as id: one of the same name that did not come back as itself.
func declaredAs(built *schema.Catalog, sent map[schema.ID]bool, id schema.ID) (schema.ID, bool) {
	if !id.Kind.IsRoutine() {
		return schema.ID{}, false
	}
	var found []schema.ID
	for s := range sent {
		if s.Kind == id.Kind && s.Schema == id.Schema && s.Name == id.Name && built.Get(s) == nil {
			found = append(found, s)
		}
	}
	slices.SortFunc(found, schema.ID.Compare)
	for _, f := range found {
		if len(found) == 1 || countArgs(f.Args) == countArgs(id.Args) {
			return f, true
		}
	}
	return schema.ID{}, false
}

// countArgs counts the types of a signature; commas inside parentheses and quotes belong to a type.
func countArgs(args string) int {
	if args == "" {
		return 0
	}
	n, depth, quoted := 1, 0, false
	for _, r := range args {
		switch {
		case r == '"':
			quoted = !quoted
		case quoted:
		case r == '(':
			depth++
		case r == ')':
			depth--
		case r == ',' && depth == 0:
			n++
		}
	}
	return n
}

// moveAttachments gives the comment on an object to the identity under which it came back.
func moveAttachments(out *schema.Catalog, from, to schema.ID) {
	if c, ok := out.Get(schema.CommentID(from)).(*schema.Comment); ok {
		out.Remove(c.ID())
		out.Add(&schema.Comment{On: to, Text: c.Text})
	}
}

// missing reports a declared object that the engine merged into another or did not make.
func missing(out *schema.Catalog, fresh map[schema.ID]bool, renamed map[schema.ID]schema.ID) error {
	for id := range fresh {
		if _, ok := renamed[id]; !ok && !out.Has(id) {
			return fmt.Errorf("%s was declared, but PostgreSQL did not make an object of that name", id)
		}
	}
	return nil
}
