package hclfile

import (
	"fmt"
	"strings"

	"github.com/pleatdb/pleat/schema"
)

// ref writes a reference to an object or a column.
func (w *writer) ref(id schema.ID) string {
	if id.Kind == schema.KindColumn {
		owner, ok := w.cat.Owner(id)
		if !ok {
			w.miss(id)
			return "null"
		}
		return w.ref(owner) + member("column") + member(id.Name)
	}
	target := w.find(id)
	if target == (schema.ID{}) {
		w.miss(id)
		return "null"
	}
	root := w.root(target)
	if w.shared(root, id.Name) {
		return root + member(id.Schema) + member(id.Name)
	}
	return root + member(id.Name)
}

// find is the ID itself, or for the name of a function that of one of its overloads; the zero ID where there is none.
func (w *writer) find(id schema.ID) schema.ID {
	if w.cat.Has(id) {
		return id
	}
	if id.Kind == schema.KindTable {
		for _, kind := range []schema.Kind{schema.KindView, schema.KindMaterialized} {
			if other := (schema.ID{Kind: kind, Schema: id.Schema, Name: id.Name}); w.cat.Has(other) {
				return other
			}
		}
	}
	return schema.ID{}
}

func (w *writer) miss(id schema.ID) {
	text := fmt.Sprintf("%s, or what it belongs to, is not part of what is written", id)
	if w.at != (schema.ID{}) {
		text += fmt.Sprintf(", and %s refers to it: leave out both or neither (ignore, scope)", w.at)
	}
	w.missing = append(w.missing, text)
}

// member writes a step of a reference: .name, or ["name"] where the name is no HCL name.
func member(name string) string {
	if isWord(name) || name == "true" || name == "false" || name == "null" {
		return "." + name
	}
	return "[" + quoted(name) + "]"
}

func columnRef(name string) string { return partRef("column", name) }

func partRef(word, name string) string { return word + member(name) }

// fileOf is the name of the file that holds an object.
func (w *writer) fileOf(id schema.ID, split string) string {
	namespace := id.Schema
	switch id.Kind {
	case schema.KindExtension:
		return "extensions.hcl"
	case schema.KindSchema:
		namespace = id.Name
	}
	if split != "table" {
		return fileName(namespace) + ".hcl"
	}
	if id.Kind == schema.KindTable {
		for range maxInheritance { // partitions are beside their parent
			t, ok := w.cat.Get(id).(*schema.Table)
			if !ok || t.PartitionOf == nil || t.PartitionOf.Parent.Schema != namespace {
				break
			}
			id.Name = t.PartitionOf.Parent.Name
		}
		return fileName(namespace) + "/" + fileName(id.Name) + ".hcl"
	}
	return fileName(namespace) + "/schema.hcl"
}

// fileName turns a name into one that every file system keeps apart from others: capitals and everything odd are written
// as %XX, and so is the first letter of names that mean something else.
func fileName(name string) string {
	var b strings.Builder
	reserved := name == "schema" || name+".hcl" == projectFile
	for i := 0; i < len(name); i++ {
		c := name[i]
		plain := c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '_' || c == '-'
		if !plain || reserved && i == 0 {
			fmt.Fprintf(&b, "%%%02X", c)
			continue
		}
		b.WriteByte(c)
	}
	return b.String()
}
