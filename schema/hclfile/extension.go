package hclfile

import (
	"strings"

	"github.com/pleatdb/pleat/schema"
)

func extensionSpec() *spec { return shape("schema version" + intentAttrs) }

func (l *loader) loadExtension(b *block) {
	ext := &schema.Extension{Name: b.name(), Version: b.str("version")}
	if b.has("schema") {
		if t, ok := b.resolve(b.attrs["schema"].Expr, nil, "schema"); ok {
			ext.Schema = t.id.Name
		}
	}
	if l.add(ext, b) && ext.Schema != "" {
		l.depend(ext.ID(), schema.ID{Kind: schema.KindSchema, Name: ext.Schema})
	}
}

func (w *writer) extension(e *schema.Extension) *node {
	n := w.head("extension", e.ID())
	if e.Schema != "" {
		n.attr("schema", w.ref(schema.ID{Kind: schema.KindSchema, Name: e.Schema}))
	}
	n.text("version", e.Version)
	w.comment(n, e.ID())
	return n
}

// extensionMembers are types and operator classes that extensions bring and that people write without a schema.
var extensionMembers = map[string]string{
	"citext": "citext citext_ops citext_pattern_ops", "hstore": "hstore gin_hstore_ops gist_hstore_ops",
	"ltree": "ltree lquery ltxtquery gist_ltree_ops", "cube": "cube gist_cube_ops", "seg": "seg gist_seg_ops",
	"isn":     "ean13 isbn13 ismn13 issn13 isbn ismn issn upc",
	"pg_trgm": "gin_trgm_ops gist_trgm_ops", "intarray": "gin__int_ops gist__int_ops gist__intbig_ops query_int",
	"postgis": "geometry geography box2d box3d gist_geometry_ops_2d gist_geometry_ops_nd gist_geography_ops",
	"vector": "vector halfvec sparsevec vector_l2_ops vector_ip_ops vector_cosine_ops vector_l1_ops halfvec_l2_ops " +
		"halfvec_ip_ops halfvec_cosine_ops halfvec_l1_ops sparsevec_l2_ops sparsevec_ip_ops sparsevec_cosine_ops bit_hamming_ops",
}

// extensionType is the qualified name of a type or operator class of a declared extension that states its schema.
func (l *loader) extensionType(name string) (string, bool) {
	for extension, members := range extensionMembers {
		for member := range strings.FieldsSeq(members) {
			if member != name {
				continue
			}
			for _, s := range l.symbols["extension"][extension] {
				if !s.block.has("schema") {
					continue
				}
				if t, ok := s.block.resolve(s.block.attrs["schema"].Expr, nil, "schema"); ok {
					return schema.Qualified(t.id.Name, name), true
				}
			}
		}
	}
	return "", false
}
