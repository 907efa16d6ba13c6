package adopt

import (
	"slices"

	"github.com/pleatdb/pleat/history/foreign"
	"github.com/pleatdb/pleat/history/legacy"
	"github.com/pleatdb/pleat/inspect/shadow"
	"github.com/pleatdb/pleat/schema"
	"github.com/pleatdb/pleat/schema/sqltext"
)

// scripts are the files in effect as the shadow runs them. changed are those whose text is not the one that ran.
func (a *aligner) scripts() (steady, changed []shadow.Script) {
	for _, r := range a.ran {
		if r.changed {
			changed = append(changed, scriptsOf(r.file)...)
		} else {
			steady = append(steady, scriptsOf(r.file)...)
		}
	}
	return steady, changed
}

func scriptsOf(f *legacy.File) (out []shadow.Script) {
	for i, u := range f.SQL.Up.Units {
		out = append(out, shadow.Script{File: f.Path, Step: i + 1, SQL: texts(u.Statements), Transactional: together(u)})
	}
	return out
}

// together reports whether the statements of a unit run in one transaction. One message of one statement is none, and neither is one with a
// statement that no transaction takes: golang-migrate was told to send them one by one then (x-multi-statement).
func together(u foreign.Unit) bool {
	if u.Transactional || !u.OneMessage || len(u.Statements) < 2 {
		return u.Transactional
	}
	return !slices.ContainsFunc(u.Statements, func(s foreign.Statement) bool { return !sqltext.Classify(s.SQL).Transactional })
}

func texts(statements []foreign.Statement) []string {
	out := make([]string, len(statements))
	for i, s := range statements {
		out[i] = s.SQL
	}
	return out
}

// needed is what must be there before the first file: the schemas of the search path, and that of the tool's table.
func (a *aligner) needed(path []string) *schema.Catalog {
	out := schema.New()
	for _, name := range append([]string{a.History.Source.Schema}, path...) {
		id := schema.ID{Kind: schema.KindSchema, Name: name}
		if a.Live.Has(id) && !a.empty.Has(id) && !a.makes(id) {
			out.Put(a.Live, id)
		}
	}
	return out
}

// makes reports whether a file makes a schema or an extension.
func (a *aligner) makes(id schema.ID) bool {
	if a.made == nil {
		a.made = map[schema.ID]bool{}
		for _, r := range a.ran {
			for _, s := range r.file.SQL.Up.Statements() {
				for _, m := range madeBy(s.SQL) {
					a.made[m] = true
				}
			}
		}
	}
	return a.made[id]
}

func madeBy(sql string) (out []schema.ID) {
	kinds := map[string]schema.Kind{"CreateSchemaStmt": schema.KindSchema, "CreateExtensionStmt": schema.KindExtension}
	kind, ok := kinds[sqltext.Classify(sql).Kind]
	if !ok {
		return nil
	}
	for _, t := range sqltext.Touched(sql).Objects {
		if t.Kind == kind.String() && t.Verb == sqltext.Create {
			out = append(out, schema.ID{Kind: kind, Name: t.Name})
		}
	}
	return out
}

// unmade adds the live schemas and extensions that no file makes.
func (a *aligner) unmade(needed *schema.Catalog) *schema.Catalog {
	out := needed.Clone()
	for _, id := range a.Live.IDs() {
		if (id.Kind == schema.KindSchema || id.Kind == schema.KindExtension) && !a.empty.Has(id) && !a.makes(id) {
			out.Put(a.Live, id)
		}
	}
	return out
}
