package planner

import (
	"slices"
	"strings"

	"github.com/pleatdb/pleat/schema"
)

var compositeRules = kindRules{
	create: func(_ *planning, o schema.Object) []string {
		c := o.(*schema.Composite)
		fields := make([]string, len(c.Fields))
		for i, f := range c.Fields {
			fields[i] = "\n    " + fieldSQL(f)
		}
		body := strings.Join(fields, ",")
		if body != "" {
			body += "\n"
		}
		return []string{"CREATE TYPE " + c.ID().SQL() + " AS (" + body + ")"}
	},
	drop:     dropType,
	replaces: compositeReplaces,
	alter:    alterComposite,
}

func fieldSQL(f schema.Field) string {
	return schema.Quote(f.Name) + " " + f.Type + collate(f.Collation)
}

// compositeReplaces reports whether ALTER TYPE cannot lead to the new fields: it adds at the end only, and refuses
// to retype a field while a stored column has the type.
func compositeReplaces(p *planning, before, after schema.Object) bool {
	from, to := before.(*schema.Composite), after.(*schema.Composite)
	var kept []string
	for _, f := range from.Fields {
		i := slices.IndexFunc(to.Fields, func(t schema.Field) bool { return t.Name == f.Name })
		if i < 0 {
			continue
		}
		kept = append(kept, f.Name)
		if to.Fields[i] != f && p.stored(from.ID()) {
			return true
		}
	}
	for i, name := range kept {
		if to.Fields[i].Name != name {
			return true
		}
	}
	return false
}

// stored reports whether a column of a table has the type, by itself or inside another type.
func (p *planning) stored(id schema.ID) bool {
	for _, x := range p.dependents[id] {
		switch owner, _ := p.from.Owner(x); {
		case x.Kind == schema.KindColumn && owner.Kind == schema.KindTable:
			return true
		case x.Kind == schema.KindColumn && owner.Kind == schema.KindComposite && owner != id && p.stored(owner):
			return true
		case x.Kind == schema.KindDomain && p.stored(x):
			return true
		}
	}
	return false
}

func alterComposite(_ *planning, before, after schema.Object) ([]string, error) {
	from, to := before.(*schema.Composite), after.(*schema.Composite)
	prefix := "ALTER TYPE " + to.ID().SQL()
	old := map[string]schema.Field{}
	var out []string
	for _, f := range from.Fields {
		old[f.Name] = f
		if !slices.ContainsFunc(to.Fields, func(t schema.Field) bool { return t.Name == f.Name }) {
			out = append(out, prefix+" DROP ATTRIBUTE "+schema.Quote(f.Name))
		}
	}
	for _, f := range to.Fields {
		was, ok := old[f.Name]
		switch {
		case !ok:
			out = append(out, prefix+" ADD ATTRIBUTE "+fieldSQL(f))
		case was != f:
			out = append(out, prefix+" ALTER ATTRIBUTE "+schema.Quote(f.Name)+" TYPE "+f.Type+collate(f.Collation))
		}
	}
	return out, nil
}
