package planner

import (
	"slices"
	"strings"

	"github.com/pleatdb/pleat/schema"
)

var ownerRules = kindRules{
	create: func(p *planning, o schema.Object) []string { return []string{setOwner(p.to, o.(*schema.Owner))} },
	// Every object has an owner; that nobody says which is no reason to touch it.
	drop:     func(*planning, schema.Object) []string { return nil },
	replaces: func(*planning, schema.Object, schema.Object) bool { return false },
	alter: func(p *planning, _, after schema.Object) ([]string, error) {
		return []string{setOwner(p.to, after.(*schema.Owner))}, nil
	},
}

func setOwner(c *schema.Catalog, o *schema.Owner) string {
	return "ALTER " + describeTarget(c, o.On) + " OWNER TO " + schema.Quote(o.Role)
}

var grantRules = kindRules{
	create: func(p *planning, o schema.Object) []string {
		g := o.(*schema.Grant)
		return grantChanges(p, g.On, p.initialEntries(g.On), g.Entries)
	},
	drop: func(p *planning, o schema.Object) []string {
		g := o.(*schema.Grant)
		return grantChanges(p, g.On, g.Entries, p.initialEntries(g.On))
	},
	replaces: func(*planning, schema.Object, schema.Object) bool { return false },
	alter: func(p *planning, before, after schema.Object) ([]string, error) {
		g := after.(*schema.Grant)
		return grantChanges(p, g.On, before.(*schema.Grant).Entries, g.Entries), nil
	},
}

// initialEntries are what PostgreSQL grants by itself when the object is created, default privileges aside: all to the
// owner, and to PUBLIC the execution of routines and the use of types (section "Privileges", 13 to 18).
func (p *planning) initialEntries(on schema.ID) []schema.GrantEntry {
	owner := ""
	for _, c := range []*schema.Catalog{p.to, p.from} {
		if o, ok := c.Get(schema.OwnerID(on)).(*schema.Owner); ok {
			owner = o.Role
			break
		}
	}
	var out []schema.GrantEntry
	if owner != "" {
		for _, privilege := range p.allPrivileges(on) {
			out = append(out, schema.GrantEntry{Role: owner, Privilege: privilege, Grantor: owner})
		}
	}
	switch {
	case on.Kind.IsRoutine():
		out = append(out, schema.GrantEntry{Privilege: "EXECUTE", Grantor: owner})
	case on.Kind.IsType():
		out = append(out, schema.GrantEntry{Privilege: "USAGE", Grantor: owner})
	}
	return out
}

// allPrivileges lists what there is to grant on an object. MAINTAIN came with PostgreSQL 17.
func (p *planning) allPrivileges(on schema.ID) []string {
	switch {
	case on.Kind.IsRelation():
		all := []string{"DELETE", "INSERT", "REFERENCES", "SELECT", "TRIGGER", "TRUNCATE", "UPDATE"}
		if p.opts.Major >= 17 {
			all = append(all, "MAINTAIN")
		}
		return all
	case on.Kind == schema.KindSequence:
		return []string{"SELECT", "UPDATE", "USAGE"}
	case on.Kind == schema.KindSchema:
		return []string{"CREATE", "USAGE"}
	case on.Kind.IsRoutine():
		return []string{"EXECUTE"}
	case on.Kind.IsType():
		return []string{"USAGE"}
	}
	return nil
}

// grantChanges revokes and grants what differs, one statement for each role and grant option.
func grantChanges(p *planning, on schema.ID, from, to []schema.GrantEntry) []string {
	key := func(e schema.GrantEntry) schema.GrantEntry { e.Grantor = ""; return e }
	has := func(list []schema.GrantEntry, e schema.GrantEntry) bool {
		return slices.ContainsFunc(list, func(x schema.GrantEntry) bool { return key(x) == key(e) })
	}
	target, column := grantTarget(p, on)
	var out []string
	for _, group := range groupEntries(from, func(e schema.GrantEntry) bool { return !has(to, e) }) {
		out = append(out, "REVOKE "+privilegeList(group, column)+" ON "+target+" FROM "+granteeSQL(group[0].Role))
	}
	for _, group := range groupEntries(to, func(e schema.GrantEntry) bool { return !has(from, e) }) {
		sql := "GRANT " + privilegeList(group, column) + " ON " + target + " TO " + granteeSQL(group[0].Role)
		if group[0].Grantable {
			sql += " WITH GRANT OPTION"
		}
		out = append(out, sql)
	}
	return out
}

// groupEntries puts the entries that are kept together by role and grant option, in their order.
func groupEntries(entries []schema.GrantEntry, keep func(schema.GrantEntry) bool) [][]schema.GrantEntry {
	var out [][]schema.GrantEntry
	for _, e := range entries {
		if !keep(e) {
			continue
		}
		i := slices.IndexFunc(out, func(g []schema.GrantEntry) bool {
			return g[0].Role == e.Role && g[0].Grantable == e.Grantable
		})
		if i < 0 {
			out = append(out, []schema.GrantEntry{e})
		} else {
			out[i] = append(out[i], e)
		}
	}
	return out
}

func privilegeList(entries []schema.GrantEntry, column string) string {
	parts := make([]string, len(entries))
	for i, e := range entries {
		parts[i] = e.Privilege + column
	}
	return strings.Join(parts, ", ")
}

func granteeSQL(role string) string {
	if role == "" {
		return "PUBLIC"
	}
	return schema.Quote(role)
}

// grantTarget writes what stands after ON, and for a column the list behind each privilege.
func grantTarget(p *planning, on schema.ID) (target, column string) {
	if on.Kind == schema.KindColumn {
		return "TABLE " + schema.Qualified(on.Schema, on.Parent), " (" + schema.Quote(on.Name) + ")"
	}
	switch {
	case on.Kind.IsRelation():
		return "TABLE " + on.SQL(), ""
	case on.Kind == schema.KindDomain:
		return "DOMAIN " + on.SQL(), ""
	}
	return describeTarget(p.to, on), ""
}
