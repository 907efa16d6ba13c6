package view

import (
	"maps"
	"reflect"
	"slices"

	"github.com/pleatdb/pleat/planner"
	"github.com/pleatdb/pleat/schema"
)

// Differences lists what leads from one state to another as people think of it, which is not as the model has it: a
// default, comment, owner or grant is an attribute of its object, and what comes or goes with its table is shown below it.
func Differences(from, to *schema.Catalog) []Change {
	var changes []planner.Change
	for _, id := range from.IDs() {
		if old, now := from.Get(id), to.Get(id); now == nil || !planner.Equal(old, now) {
			changes = append(changes, planner.Change{From: old, To: now})
		}
	}
	for _, id := range to.IDs() {
		if !from.Has(id) {
			changes = append(changes, planner.Change{To: to.Get(id)})
		}
	}
	return Changes(changes, nil)
}

// Changes is [Differences] for changes that are known already, with the objects that are dropped and made again on the way.
func Changes(changes []planner.Change, rebuilt []schema.ID) []Change {
	l := &ledger{found: map[schema.ID]*Change{}, whole: map[schema.ID]string{}, relations: map[schema.Name]schema.ID{}}
	for _, c := range changes {
		if id := c.ID(); c.From == nil || c.To == nil {
			l.whole[id] = actionOf(c)
			if id.Kind.IsRelation() {
				l.relations[schema.Name{Schema: id.Schema, Name: id.Name}] = id
			}
		}
	}
	for _, c := range changes {
		l.take(c)
	}
	for _, id := range rebuilt {
		if _, ok := l.found[id]; !ok && !id.Kind.IsAttachment() {
			l.change(id, "rebuild")
		}
	}
	return l.list()
}

// ledger collects changes by the object under which they are shown.
type ledger struct {
	found map[schema.ID]*Change
	// whole are the objects that come or go, and relations those of them that are tables and views, by name.
	whole     map[schema.ID]string
	relations map[schema.Name]schema.ID
}

func actionOf(c planner.Change) string {
	switch {
	case c.From == nil:
		return "create"
	case c.To == nil:
		return "delete"
	}
	return "update"
}

func (l *ledger) change(id schema.ID, action string) *Change {
	c, ok := l.found[id]
	if !ok {
		c = &Change{Action: action, Object: id.String(), Attributes: []Attribute{}}
		l.found[id] = c
	}
	return c
}

func (l *ledger) take(c planner.Change) {
	id := c.ID()
	if id.Kind.IsAttachment() || id.Kind == schema.KindDefault {
		l.takeAttribute(c)
		return
	}
	change := l.change(id, actionOf(c))
	change.Action = actionOf(c)
	if owner, ok := l.owner(id); ok && l.whole[owner] == change.Action {
		change.Within = owner.String()
	}
	switch {
	case change.Action == "update":
		change.Attributes = append(change.Attributes, attributes(c.From, c.To)...)
	case change.Action == "create" && id.Kind == schema.KindTable:
		for _, column := range c.To.(*schema.Table).Columns {
			change.Attributes = append(change.Attributes,
				Attribute{Name: "column " + column.Name, Action: "create", After: gist(reflect.ValueOf(column))})
		}
	}
}

// owner is what an object comes and goes with.
func (l *ledger) owner(id schema.ID) (schema.ID, bool) {
	if id.Kind == schema.KindDomainCheck {
		return schema.ID{Kind: schema.KindDomain, Schema: id.Schema, Name: id.Parent}, true
	}
	of, ok := id.Relation()
	if !ok {
		return schema.ID{}, false
	}
	if known, ok := l.relations[schema.Name{Schema: of.Schema, Name: of.Name}]; ok {
		return known, true
	}
	return of, true
}

// takeAttribute shows what the model has as an object of its own as an attribute.
func (l *ledger) takeAttribute(c planner.Change) {
	id := c.ID()
	object, name := id.Target(), id.Kind.String()
	if id.Kind == schema.KindDefault || object.Kind == schema.KindColumn {
		name = "column " + id.Name + ": " + name
		object, _ = l.owner(schema.ID{Kind: schema.KindColumn, Schema: id.Schema, Parent: id.Parent, Name: id.Name})
	}
	// Whose it is goes without saying for what comes or goes as a whole.
	if l.whole[object] == "delete" || l.whole[object] == "create" && id.Kind == schema.KindOwner {
		return
	}
	change := l.change(object, "update")
	if action := l.whole[object]; action != "" {
		change.Action = action
	}
	change.Attributes = append(change.Attributes,
		Attribute{Name: name, Action: actionOf(c), Before: content(c.From), After: content(c.To)})
}

// content is what an attachment or default says.
func content(o schema.Object) any {
	switch o := o.(type) {
	case *schema.Default:
		return o.Expr
	case *schema.Comment:
		return o.Text
	case *schema.Owner:
		return o.Role
	case *schema.Grant:
		return grants(o)
	}
	return nil
}

// grants writes an access control list as a list of "role: privilege".
func grants(g *schema.Grant) []any {
	out := []any{}
	for _, e := range g.Entries {
		role := e.Role
		if role == "" {
			role = "PUBLIC"
		}
		text := role + ": " + e.Privilege
		if e.Grantable {
			text += " with grant option"
		}
		out = append(out, text)
	}
	return out
}

// list puts each object before those that come or go with it.
func (l *ledger) list() []Change {
	ids := slices.SortedFunc(maps.Keys(l.found), schema.ID.Compare)
	within := map[string][]Change{}
	for _, id := range ids {
		if c := l.found[id]; c.Within != "" {
			within[c.Within] = append(within[c.Within], *c)
		}
	}
	out := []Change{}
	for _, id := range ids {
		if c := l.found[id]; c.Within == "" {
			out = append(append(out, *c), within[c.Object]...)
		}
	}
	return out
}

// Count counts the changes that stand for themselves.
func Count(changes []Change) (s Summary) {
	for _, c := range changes {
		if c.Within != "" {
			continue
		}
		switch c.Action {
		case "create":
			s.Add++
		case "update":
			s.Change++
		case "delete":
			s.Destroy++
		case "rebuild":
			s.Rebuild++
		case "rename":
			s.Rename++
		}
	}
	return s
}
