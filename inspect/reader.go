package inspect

import (
	"errors"

	"github.com/pleatdb/pleat/schema"
)

// The OIDs of the catalogs, which are the same on every server (pg_*.h, PostgreSQL 13 to 18).
const (
	classType       = 1247
	classProc       = 1255
	classRelation   = 1259
	classExtension  = 3079
	classAttrdef    = 2604
	classConstraint = 2606
	classNamespace  = 2615
	classRewrite    = 2618
	classTrigger    = 2620
	classPolicy     = 3256
)

// address is how pg_depend and pg_description name an object: catalog, OID, and column number or 0.
type address struct {
	class, oid uint32
	sub        int32
}

// errTorn is wrapped where rows of different queries do not fit together.
var errTorn = errors.New("the catalogs changed while they were read")

// reader builds a catalog out of the rows of all queries, in the order of the table of queries.
type reader struct {
	version  int
	encoding string
	opt      Options
	ignore   []pattern
	catalog  *schema.Catalog
	// ids are the objects and columns of the result, and extensions, by address.
	ids map[address]schema.ID
	// parts are what belongs to an object without being one, such as the index behind a key.
	parts map[address]part
	// inherited are constraints and triggers that come and go with those of a parent, and whose dependencies are
	// those of the parent's.
	inherited map[address]bool
	// members leads from members of extensions to the extension, internal from what PostgreSQL made by itself to
	// what it was made for.
	members    map[address]uint32
	internal   map[address]address
	namespaces map[uint32]namespaceRow
	extensions map[uint32]*schema.Extension
	domains    map[uint32]schema.ID
	relations  map[uint32]*relation
	// columns are those of all relations in the schemas, ignored ones too.
	columns map[uint32]columnNames
	indexes map[uint32]*indexParts

	// Rows that wait for those of another query.
	parents       map[uint32][]inheritRow
	partitionKeys map[uint32]*schema.PartitionKey
	identities    map[address]sequenceRow
	elements      map[uint32][]indexElementRow
	args          map[uint32][]schema.Arg
	depends       []dependRow
	comments      []commentRow
}

// part is a part of an object: what says which, for people.
type part struct {
	of   schema.ID
	what string
}

// relation is what later queries need to know of a table, view or composite type.
type relation struct {
	id      schema.ID
	object  schema.Object
	columns columnNames
}

func newReader(opt Options) (*reader, error) {
	patterns, err := parsePatterns(opt.Ignore)
	return &reader{
		opt:           opt,
		ignore:        patterns,
		catalog:       schema.New(),
		ids:           map[address]schema.ID{},
		parts:         map[address]part{},
		inherited:     map[address]bool{},
		members:       map[address]uint32{},
		internal:      map[address]address{},
		namespaces:    map[uint32]namespaceRow{},
		extensions:    map[uint32]*schema.Extension{},
		domains:       map[uint32]schema.ID{},
		relations:     map[uint32]*relation{},
		columns:       map[uint32]columnNames{},
		indexes:       map[uint32]*indexParts{},
		parents:       map[uint32][]inheritRow{},
		partitionKeys: map[uint32]*schema.PartitionKey{},
		identities:    map[address]sequenceRow{},
		elements:      map[uint32][]indexElementRow{},
		args:          map[uint32][]schema.Arg{},
	}, err
}

// add puts an object into the catalog under its address, unless it is a member of an extension or ignored.
func (r *reader) add(class, oid uint32, o schema.Object) bool {
	if !r.register(class, oid, o.ID()) {
		return false
	}
	r.catalog.Add(o)
	return true
}

// register makes an address known without an object of its own.
func (r *reader) register(class, oid uint32, id schema.ID) bool {
	at := address{class, oid, 0}
	if _, member := r.members[at]; member || r.ignored(id) {
		return false
	}
	r.ids[at] = id
	return true
}

// part records an address that belongs to an object.
func (r *reader) part(class, oid uint32, of schema.ID, what string) {
	r.parts[address{class, oid, 0}] = part{of, what}
}

// own records who owns an object that add or register took.
func (r *reader) own(id schema.ID, role string) {
	o := &schema.Owner{On: id, Role: role}
	r.catalog.Add(o)
	r.catalog.Depend(o.ID(), id)
}

// unmanaged lists an object that the model does not hold.
func (r *reader) unmanaged(class, oid uint32, u schema.Unmanaged) bool {
	return r.add(class, oid, &u)
}

// attribute lists a property of an object that the model does not hold. what is its name without "attribute".
func (r *reader) attribute(of schema.ID, what string) {
	if of.Kind == schema.KindUnmanaged {
		return
	}
	name := of.Name
	if of.Kind.IsRoutine() {
		name += "(" + of.Args + ")"
	}
	r.catalog.Add(&schema.Unmanaged{What: "attribute " + what, Schema: of.Schema, Parent: of.Parent, Name: name})
}

// columnNames are the names of a relation's columns by number.
type columnNames map[int16]string

// names turns column numbers into names.
func (c columnNames) names(numbers []int16) []string {
	var names []string
	for _, n := range numbers {
		names = append(names, c[n])
	}
	return names
}

func (rel *relation) columnNames(numbers []int16) []string { return rel.columns.names(numbers) }
