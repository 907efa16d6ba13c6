package hclfile

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/pleatdb/pleat/schema"
	"github.com/pleatdb/pleat/schema/hclfile/eval"
	"github.com/zclconf/go-cty/cty/function"
)

// WriteOptions say how a catalog is laid out in files.
type WriteOptions struct {
	// Split is "schema", one file for each schema, which is the default, or "table", one for each table beside one for
	// the rest of its schema.
	Split string
}

// Write turns a catalog into files by name, in canonical form: equal catalogs give equal bytes. What HCL cannot say is left
// out: owners, grants, rules and objects that pleat does not manage. It is an error when an object refers to one that is
// not in the catalog, since the result could not be loaded.
func Write(cat *schema.Catalog, opts WriteOptions) (map[string][]byte, error) {
	split := opts.Split
	if split != "" && split != "schema" && split != "table" {
		return nil, fmt.Errorf("write schema files: cannot split by %q, only by schema or table", split)
	}
	w := newWriter(cat)
	files := map[string][]*node{}
	for _, id := range cat.IDs() {
		if n := w.top(cat.Get(id)); n != nil {
			name := w.fileOf(id, split)
			files[name] = append(files[name], n)
		}
	}
	if len(w.missing) > 0 {
		slices.Sort(w.missing)
		return nil, fmt.Errorf("write schema files: %w", errors.New(strings.Join(slices.Compact(w.missing), "; ")))
	}
	out := make(map[string][]byte, len(files))
	for name, nodes := range files {
		out[name] = render(nodes)
	}
	return out, nil
}

// writer is the state of one write.
type writer struct {
	cat *schema.Catalog
	// owned lists what belongs to each relation and domain, sorted.
	owned map[partKey][]schema.Object
	// count tells how many schemas use a name in a root of references.
	count map[[2]string]map[string]bool
	// readBack reads types and defaults as loading the result will.
	readBack *loader
	missing  []string
	// at is the object in a schema that is being written.
	at schema.ID
	// words are the types written so far, as tables repeat the same few.
	words map[typeText]string
}

type typeText struct {
	text string
	bare bool
}

type partKey struct {
	kind          schema.Kind
	schema, owner string
}

func newWriter(cat *schema.Catalog) *writer {
	w := &writer{cat: cat, owned: map[partKey][]schema.Object{}, count: map[[2]string]map[string]bool{}, words: map[typeText]string{}}
	w.readBack = &loader{
		out: newDesired(), scope: eval.NewScope(eval.Options{}), symbols: map[string]map[string][]*symbol{}, byBlock: map[*block]*symbol{},
	}
	for _, id := range cat.IDs() {
		if id.Parent != "" && !id.Kind.IsAttachment() {
			key := partKey{id.Kind, id.Schema, id.Parent}
			w.owned[key] = append(w.owned[key], cat.Get(id))
			if _, ok := cat.Owner(id); !ok && id.Kind != schema.KindRule && id.Kind != schema.KindUnmanaged {
				w.miss(id)
			}
		}
		root := w.root(id)
		if root == "" {
			continue
		}
		key := [2]string{nameSpace(root), id.Name}
		if w.count[key] == nil {
			w.count[key] = map[string]bool{}
		}
		w.count[key][id.Schema] = true
		if slices.Contains(typeRoots, root) {
			w.readBack.declare(&symbol{root: root, id: id, block: &block{load: w.readBack}})
		}
	}
	w.readDomains()
	return w
}

// readDomains gives the symbols of domains their types, which defaults of columns depend on.
func (w *writer) readDomains() {
	for _, found := range w.readBack.symbols["domain"] {
		for _, s := range found {
			if b := w.parseAttr(w.typeExpr(w.cat.Get(s.id).(*schema.Domain).Type, false)); b != nil {
				b.attrs["type"] = b.attrs["x"]
				*s.block = *b
			}
		}
	}
}

// parseAttr reads an expression as the attribute x of a block.
func (w *writer) parseAttr(expr string) *block {
	src := []byte("x = " + expr + "\n")
	parsed, ok := parseExpr(src)
	if !ok {
		return nil
	}
	ctx := &hcl.EvalContext{Functions: map[string]function.Function{"sql": sqlFunc}}
	return &block{load: w.readBack, env: env{ctx: ctx, src: src}, attrs: map[string]*hcl.Attribute{"x": {Name: "x", Expr: parsed}}}
}

// nameSpace groups the roots that share names: a partition can be referred to as a table too.
func nameSpace(root string) string {
	if root == "partition" {
		return "table"
	}
	return root
}

// root is the word that a reference to an object begins with; empty for what has no block of its own.
func (w *writer) root(id schema.ID) string {
	switch id.Kind {
	case schema.KindSchema, schema.KindExtension, schema.KindEnum, schema.KindDomain, schema.KindComposite,
		schema.KindSequence, schema.KindView, schema.KindMaterialized, schema.KindFunction, schema.KindProcedure:
		return id.Kind.String()
	case schema.KindTable:
		if t, ok := w.cat.Get(id).(*schema.Table); ok && t.PartitionOf != nil {
			return "partition"
		}
		return "table"
	}
	return ""
}

// top writes an object that has a block at the top level, or gives nil.
func (w *writer) top(o schema.Object) *node {
	switch o := o.(type) {
	case *schema.Namespace:
		return w.namespace(o)
	case *schema.Extension:
		return w.extension(o)
	case *schema.Enum:
		return w.enum(o)
	case *schema.Domain:
		return w.domain(o)
	case *schema.Composite:
		return w.composite(o)
	case *schema.Sequence:
		return w.sequence(o)
	case *schema.Table:
		return w.table(o)
	case *schema.View:
		return w.view(o)
	case *schema.Materialized:
		return w.materialized(o)
	case *schema.Function:
		return w.function(o)
	case *schema.Procedure:
		return w.procedure(o)
	}
	return nil
}

// head starts a block with the object's name as label.
func (w *writer) head(kind string, id schema.ID) *node { return newNode(kind, id.Name) }

// object starts a block of an object in a schema: with two labels where another schema uses the name too.
func (w *writer) object(kind string, id schema.ID) *node {
	w.at = id
	n := newNode(kind, id.Name)
	if w.shared(kind, id.Name) {
		n.labels = []string{id.Schema, id.Name}
	}
	n.attr("schema", w.ref(schema.ID{Kind: schema.KindSchema, Name: id.Schema}))
	return n
}

func (w *writer) shared(root, name string) bool {
	return len(w.count[[2]string{nameSpace(root), name}]) > 1
}

// parts are the objects of a kind that belong to a relation or domain, by name.
func (w *writer) parts(owner schema.ID, kind schema.Kind) []schema.Object {
	return w.owned[partKey{kind, owner.Schema, owner.Name}]
}

func (w *writer) comment(n *node, id schema.ID) {
	switch c, ok := w.cat.Get(schema.CommentID(id)).(*schema.Comment); {
	case !ok:
	case c.Text == "":
		n.attr("comment", `""`)
	default:
		n.text("comment", c.Text)
	}
}
