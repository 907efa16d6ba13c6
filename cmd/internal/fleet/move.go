package fleet

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/pleatdb/pleat/history/migration"
	"github.com/pleatdb/pleat/schema"
	"github.com/pleatdb/pleat/schema/sqltext"
)

// texts are the fields of objects that hold SQL, in which a schema can be named. All others hold names, words and numbers.
var texts = map[string]bool{
	"Expr": true, "Default": true, "Type": true, "Transforms": true, "Collation": true, "Query": true, "Body": true, "SQLBody": true, "Where": true,
	"Using": true, "Check": true, "When": true, "Bound": true, "OpClass": true, "Operator": true, "Returns": true, "Support": true, "Definition": true,
	"AttachedTo": true, "Subtype": true,
}

// Move is the part of a catalog that lies in one schema, as it would be under another name of that schema: the form in which targets can be
// compared with each other and with files. A text that cannot be moved for sure stays as it is, so that it shows as a difference.
func Move(c *schema.Catalog, from, to string) (*schema.Catalog, error) {
	out := schema.New()
	for _, id := range c.IDs() {
		target := id.Target()
		if id.Schema != from && !(target.Kind == schema.KindSchema && target.Name == from) {
			continue
		}
		out.Add(c.Get(id))
	}
	for _, id := range out.IDs() {
		for _, on := range c.DependsOn(id) {
			out.Depend(id, on)
		}
	}
	if from == to {
		return out, nil
	}
	text, err := out.MarshalJSON()
	if err != nil {
		return nil, fmt.Errorf("compare schema %s: %w", schema.Quote(from), err)
	}
	var tree map[string]any
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber() // bounds of sequences have more digits than a float holds
	if err := decoder.Decode(&tree); err != nil {
		return nil, fmt.Errorf("compare schema %s: %w", schema.Quote(from), err)
	}
	m := mover{from, to}
	objects, _ := tree["objects"].([]any)
	for _, o := range objects {
		m.object(o.(map[string]any))
	}
	m.dependencies(tree["dependencies"])
	if text, err = json.Marshal(tree); err != nil {
		return nil, fmt.Errorf("compare schema %s: %w", schema.Quote(from), err)
	}
	moved := schema.New()
	if err := moved.UnmarshalJSON(text); err != nil {
		return nil, fmt.Errorf("compare schema %s: %w", schema.Quote(from), err)
	}
	return moved, nil
}

// mover changes the JSON of a catalog.
type mover struct{ from, to string }

func (m mover) object(o map[string]any) {
	fields, _ := o["object"].(map[string]any)
	if o["kind"] == schema.KindSchema.String() && fields["Name"] == m.from {
		fields["Name"] = m.to
	}
	m.fields(fields)
}

func (m mover) fields(fields map[string]any) {
	if path, ok := fields["Value"].(string); ok && fields["Name"] == "search_path" {
		const set = "SET search_path TO "
		if moved, err := sqltext.RenameSchema(set+path, m.from, m.to); err == nil {
			fields["Value"] = strings.TrimPrefix(moved, set)
		}
		return
	}
	for key, value := range fields {
		switch v := value.(type) {
		case map[string]any:
			m.fields(v)
		case []any:
			for i, element := range v {
				if inner, ok := element.(map[string]any); ok {
					m.fields(inner)
				} else if text, ok := element.(string); ok {
					v[i] = m.text(key, text)
				}
			}
		case string:
			fields[key] = m.text(key, v)
		}
	}
}

func (m mover) text(key, text string) string {
	switch {
	case key == "Schema" && text == m.from:
		return m.to
	case key == "On":
		return m.id(text)
	case texts[key]:
		if moved, err := sqltext.RenameSchema(text, m.from, m.to); err == nil {
			return moved
		}
	}
	return text
}

func (m mover) id(text string) string {
	id, err := schema.ParseID(text)
	if err != nil {
		return text
	}
	if moved, err := migration.MoveID(id, m.from, m.to); err == nil {
		id = moved
	}
	return id.String()
}

func (m mover) dependencies(list any) {
	deps, _ := list.([]any)
	for _, d := range deps {
		edge, _ := d.(map[string]any)
		if from, ok := edge["from"].(string); ok {
			edge["from"] = m.id(from)
		}
		to, _ := edge["to"].([]any)
		for i, id := range to {
			if text, ok := id.(string); ok {
				to[i] = m.id(text)
			}
		}
	}
}
