package migration

import (
	"errors"
	"fmt"
	"strings"

	"github.com/pleatdb/pleat/schema"
	"github.com/pleatdb/pleat/schema/sqltext"
)

// In is the directory as it runs on another schema: its files are written for the schema template, and each statement, object and batch says
// name in its place. Titles, notes and messages stay as they were written. Each file has the checksum of its new text, which is what
// runs and what a log keeps.
//
// A file that reaches out of the template, or for which it cannot be told where it means the template, is an error with file and line.
// The directory must be what its pleat.sum says, as the result has none.
func (d *Dir) In(template, name string) (*Dir, error) {
	if err := d.Validate(); err != nil {
		return nil, err
	}
	out := &Dir{Path: d.Path, Foreign: d.Foreign}
	var errs []error
	for i := range d.Files {
		f, err := d.Files[i].in(template, name)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		out.Files = append(out.Files, f)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	if len(out.Files) > 0 {
		out.sum = sum(out.Files)
	}
	return out, nil
}

// in is the file as it runs on another schema.
func (f *File) in(template, name string) (File, error) {
	if _, err := f.Parse(); err != nil {
		return File{}, err
	}
	p := &parser{file: f.Name, text: strings.TrimSuffix(string(f.Text), "\n"), m: &Migration{}}
	var out strings.Builder
	at := 0
	for _, d := range p.directives() {
		p.moveStatements(&out, at, d.start, template, name)
		out.WriteString(p.moveDirective(d, template, name))
		at = d.end
	}
	p.moveStatements(&out, at, len(p.text), template, name)
	if len(p.errs) > 0 {
		return File{}, p.errs
	}
	moved := *f
	moved.Text = Normalize([]byte(out.String()))
	moved.Checksum = Checksum(moved.Text)
	if _, err := moved.Parse(); err != nil {
		return File{}, fmt.Errorf("write %s for schema %s: %w", f.Name, schema.Quote(name), err)
	}
	return moved, nil
}

// moveStatements writes the text between two directives with every statement on the other schema.
func (p *parser) moveStatements(out *strings.Builder, start, end int, template, name string) {
	text := p.text[start:end]
	statements, err := sqltext.Split(text)
	if err != nil {
		p.fail(directive{line: 1, column: 1}, err.Error(), "")
		return
	}
	at := 0
	for _, s := range statements {
		line := directive{line: strings.Count(p.text[:start+s.Start], "\n") + 1, column: 1}
		if outside := sqltext.Homeless(s.SQL, template); len(outside) > 0 {
			p.failf(line, "the file runs once for each target: qualify every name with schema "+schema.Quote(template)+", and change what targets share in a migration of its own",
				"reaches outside of schema %s: %s", schema.Quote(template), oneLine(outside[0]))
			continue
		}
		moved, err := sqltext.RenameSchema(s.SQL, template, name)
		if err != nil {
			p.fail(line, oneLine(err.Error()), "use the name of the template for nothing but the schema, and no dynamic SQL with it")
			continue
		}
		out.WriteString(text[at:s.Start] + moved)
		at = s.End
	}
	out.WriteString(text[at:])
}

// moveDirective is a directive on the other schema: those that name objects do so in a form that can be read back.
func (p *parser) moveDirective(d directive, template, name string) string {
	text := p.text[d.start:d.end]
	switch d.word {
	case "object":
		id, err := schema.ParseID(d.rest)
		if err != nil {
			p.fail(d, err.Error(), "")
			return text
		}
		moved, err := MoveID(id, template, name)
		if err != nil {
			p.fail(d, oneLine(err.Error()), "")
		}
		return "-- pleat: object " + moved.String()
	case "batch":
		w := &writer{}
		b := *p.batch(d)
		table, err := sqltext.ParseName(b.Table)
		if err == nil && table.Schema == template {
			b.Table = schema.Qualified(name, table.Name)
		}
		w.batch(&b)
		return strings.TrimSuffix(w.b.String(), "\n")
	}
	return text
}

// MoveID is an object's name in another schema. Types among the arguments of a routine move with it.
func MoveID(id schema.ID, from, to string) (schema.ID, error) {
	target := id.Target()
	if target.Kind == schema.KindSchema && target.Name == from {
		id.Name = to
	}
	if id.Schema == from {
		id.Schema = to
	}
	if target.Args == "" || target.Kind == schema.KindUnmanaged {
		return id, nil
	}
	moved, err := sqltext.RenameSchema(target.Args, from, to)
	if err != nil {
		return id, err
	}
	id.Args = strings.Replace(id.Args, target.Args, moved, 1)
	return id, nil
}
