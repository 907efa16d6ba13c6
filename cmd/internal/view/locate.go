package view

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/pleatdb/pleat/inspect/shadow"
	"github.com/pleatdb/pleat/planner"
	"github.com/pleatdb/pleat/schema"
	"github.com/pleatdb/pleat/schema/hclfile"
	"github.com/pleatdb/pleat/schema/sqltext"
)

// explainObject shows the server's refusal of an object at the place of the file that asked for it, or else at the
// statement.
func explainObject(err error, e *shadow.ObjectError, f *Failure) {
	f.Code, f.Object, f.SQL = "engine", e.Object.String(), e.SQL
	var pg *pgconn.PgError
	if !errors.As(e.Err, &pg) {
		return
	}
	f.Message = fmt.Sprintf("PostgreSQL refuses %s: %s (SQLSTATE %s)", e.Object, pg.Message, pg.Code)
	if (e.Object == schema.ID{}) {
		// A statement of a pending migration; what wraps the error says which one.
		f.Object = ""
		f.Message = strings.Replace(err.Error(), e.Error(), fmt.Sprintf("%s (SQLSTATE %s)", pg.Message, pg.Code), 1)
		f.Next = "a plan starts from the database, or with --from migrations from an empty one, after all pending files; mend the file or apply what it needs"
	}
	var wanted *Wanted
	errors.As(err, &wanted)
	d := &hcl.Diagnostic{Severity: hcl.DiagError, Summary: f.Message, Detail: remarks(pg)}
	if wanted != nil {
		if at, ok := placeOf(wanted.Desired, e, int(pg.Position)); ok {
			d.Subject = &at
			f.take(Diagnostics(hcl.Diagnostics{d}, wanted.Desired.Files)[0])
			return
		}
	}
	shape := Diagnostic{Severity: "error", Summary: f.Message, Detail: d.Detail}
	if pg.Position > 0 {
		_, line, column := sqltext.Position(e.SQL, int(pg.Position))
		shape.Line, shape.Column = line, column
		shape.Source = strings.Split(e.SQL, "\n")[line-1]
	}
	f.Diagnostics = []Diagnostic{shape}
}

func (f *Failure) take(d Diagnostic) {
	f.Diagnostics = []Diagnostic{d}
	f.File, f.Line, f.Column = d.File, d.Line, d.Column
}

// remarks are what the server said beside its message.
func remarks(pg *pgconn.PgError) string {
	var lines []string
	for _, part := range []struct{ label, text string }{{"detail", pg.Detail}, {"hint", pg.Hint}, {"where", pg.Where}} {
		if part.text != "" {
			lines = append(lines, part.label+": "+part.text)
		}
	}
	return strings.Join(lines, "\n")
}

// locateObject says where an object is declared, if it is.
func locateObject(err error, id schema.ID, f *Failure) {
	var wanted *Wanted
	if !errors.As(err, &wanted) {
		return
	}
	if p, ok := position(wanted.Desired, id); ok {
		d := &hcl.Diagnostic{Severity: hcl.DiagError, Summary: f.Message, Detail: f.Next, Subject: &p.Def}
		f.take(Diagnostics(hcl.Diagnostics{d}, wanted.Desired.Files)[0])
	}
}

// locateMove says where a rename is declared.
func locateMove(err error, m planner.Move, f *Failure) {
	var wanted *Wanted
	if !errors.As(err, &wanted) {
		return
	}
	for _, declared := range wanted.Desired.Moves {
		if declared.From == m.From && declared.To == m.To {
			d := &hcl.Diagnostic{Severity: hcl.DiagError, Summary: f.Message, Subject: &declared.Range}
			f.take(Diagnostics(hcl.Diagnostics{d}, wanted.Desired.Files)[0])
			return
		}
	}
}

// position is where an object is declared, or what it belongs to.
func position(d *hclfile.Desired, id schema.ID) (hclfile.Position, bool) {
	column := schema.ID{Kind: schema.KindColumn, Schema: id.Schema, Parent: id.Parent, Name: id.Name}
	homes := []schema.ID{id, id.Target(), column}
	if relation, ok := id.Relation(); ok {
		for _, kind := range []schema.Kind{schema.KindTable, schema.KindView, schema.KindMaterialized} {
			relation.Kind = kind
			homes = append(homes, relation)
		}
	}
	if id.Kind == schema.KindDomainCheck {
		homes = append(homes, schema.ID{Kind: schema.KindDomain, Schema: id.Schema, Name: id.Parent})
	}
	for _, home := range homes {
		if p, ok := d.Ranges[home]; ok {
			return p, true
		}
	}
	return hclfile.Position{}, false
}

// placeOf finds the character of the file that the server means: the statement holds texts of the object, or of what is
// made with it, as they are, so the longest one around the position is looked for among the arguments of its block.
func placeOf(d *hclfile.Desired, e *shadow.ObjectError, chars int) (hcl.Range, bool) {
	p, ok := position(d, e.Object)
	if !ok {
		return hcl.Range{}, false
	}
	if chars == 0 {
		return p.Def, true
	}
	offset, _, _ := sqltext.Position(e.SQL, chars)
	for _, c := range candidates(d.Catalog, e) {
		if at := strings.Index(e.SQL, c.text); at < 0 || at > offset || offset >= at+len(c.text) {
			continue
		}
		block, ok := position(d, c.id)
		if !ok {
			continue
		}
		if at, ok := within(block, c.text, offset-strings.Index(e.SQL, c.text)); ok {
			return at, true
		}
	}
	return p.Def, true
}

// candidate is a text of an object.
type candidate struct {
	id   schema.ID
	text string
}

// candidates are the texts of the object and of all that belongs to it, the longest first.
func candidates(c *schema.Catalog, e *shadow.ObjectError) (out []candidate) {
	for _, id := range c.IDs() {
		owner, owned := c.Owner(id)
		if id != e.Object && (!owned || owner != e.Object) {
			continue
		}
		for _, text := range textsOf(c.Get(id)) {
			out = append(out, candidate{id, text})
		}
	}
	slices.SortStableFunc(out, func(a, b candidate) int { return len(b.text) - len(a.text) })
	return out
}

// within finds a place of a text among the arguments of a block.
func within(p hclfile.Position, text string, offset int) (hcl.Range, bool) {
	names := make([]string, 0, len(p.Attrs))
	for name := range p.Attrs {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if at := p.Locate(name, text, offset); at != p.Attrs[name].Range && at != p.Def {
			return at, true
		}
	}
	return hcl.Range{}, false
}

// textsOf are all texts of an object.
func textsOf(o schema.Object) (out []string) {
	if o == nil {
		return nil
	}
	var visit func(v reflect.Value)
	visit = func(v reflect.Value) {
		switch v.Kind() {
		case reflect.Pointer:
			if !v.IsNil() {
				visit(v.Elem())
			}
		case reflect.Struct:
			for i := range v.NumField() {
				visit(v.Field(i))
			}
		case reflect.Slice:
			for i := range v.Len() {
				visit(v.Index(i))
			}
		case reflect.String:
			if v.Len() > 0 {
				out = append(out, v.String())
			}
		}
	}
	visit(reflect.ValueOf(o))
	return out
}
