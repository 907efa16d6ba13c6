package inspect

import (
	"fmt"

	"github.com/pleatdb/pleat/schema"
)

type indexRow struct {
	OID              uint32   `db:"oid"`
	Relation         uint32   `db:"relation"`
	Schema           string   `db:"schema"`
	Name             string   `db:"name"`
	Method           string   `db:"method"`
	Unique           bool     `db:"unique"`
	Clustered        bool     `db:"clustered"`
	ReplicaIdentity  bool     `db:"replica_identity"`
	Valid            bool     `db:"valid"`
	Partitioned      bool     `db:"partitioned"`
	NullsNotDistinct bool     `db:"nulls_not_distinct"`
	Keys             int      `db:"keys"`
	Columns          []int16  `db:"columns"`
	Flags            []int16  `db:"flags"`
	Predicate        string   `db:"predicate"`
	Options          []string `db:"options"`
	Tablespace       string   `db:"tablespace"`
	Constraint       uint32   `db:"constraint"`
}

type indexElementRow struct {
	Index           uint32   `db:"index"`
	Definition      string   `db:"definition"`
	Column          string   `db:"column"`
	Text            string   `db:"text"`
	CollationSchema string   `db:"collation_schema"`
	CollationName   string   `db:"collation_name"`
	OpClassSchema   string   `db:"opclass_schema"`
	OpClassName     string   `db:"opclass_name"`
	OpClassParams   []string `db:"opclass_params"`
	Statistics      *int     `db:"statistics"`
}

// indexParts is an index as constraints need it too.
type indexParts struct {
	indexRow
	relation *relation
	elements []schema.IndexElement
}

func (r *reader) readIndexElements(rows []indexElementRow) error {
	for _, row := range rows {
		r.elements[row.Index] = append(r.elements[row.Index], row)
	}
	return nil
}

// readIndexes adds indexes, and keeps those behind constraints for readConstraints.
func (r *reader) readIndexes(rows []indexRow) error {
	for _, row := range rows {
		rel, ok := r.relations[row.Relation]
		if !ok {
			continue
		}
		if table, ok := rel.object.(*schema.Table); ok && row.ReplicaIdentity && table.ReplicaIdentity == "index" {
			table.ReplicaIndex = row.Name
		}
		parts := &indexParts{indexRow: row, relation: rel}
		if err := parts.readElements(r.elements[row.OID]); err != nil {
			return fmt.Errorf("read index %s: %w", schema.Qualified(row.Schema, row.Name), err)
		}
		if row.Constraint != 0 {
			r.indexes[row.OID] = parts
			continue
		}
		index := r.index(parts)
		r.add(classRelation, row.OID, index)
		if row.Partitioned && !row.Valid {
			// Made with ON ONLY, and some partition still lacks its part: a state that files cannot ask for.
			r.attribute(index.ID(), "index lacking on a partition")
		}
	}
	return nil
}

func (r *reader) index(p *indexParts) *schema.Index {
	index := &schema.Index{
		Schema:           p.Schema,
		Table:            p.relation.id.Name,
		Name:             p.Name,
		Unique:           p.Unique,
		Method:           p.Method,
		Elements:         p.elements,
		Include:          p.relation.columnNames(p.Columns[p.Keys:]),
		NullsNotDistinct: p.NullsNotDistinct,
		Where:            expression(p.Predicate),
		StorageParams:    params(p.Options),
		Tablespace:       p.Tablespace,
		Clustered:        p.Clustered,
		Invalid:          !p.Valid && !p.Partitioned,
	}
	if parents := r.parents[p.OID]; len(parents) > 0 {
		parent := parents[0].parent()
		index.AttachedTo = &parent
	}
	return index
}

// options are what the model keeps of the index behind a key.
func (p *indexParts) options(attachedTo string) schema.IndexOptions {
	return schema.IndexOptions{
		Include:       p.relation.columnNames(p.Columns[p.Keys:]),
		StorageParams: params(p.Options),
		Tablespace:    p.Tablespace,
		Clustered:     p.Clustered,
		AttachedTo:    attachedTo,
	}
}

// Flags of an index column, pg_index.indoption.
const (
	flagDesc       = 1
	flagNullsFirst = 2
)

// readElements makes the elements from the columns, and from the rows of those indexes that have more than columns.
func (p *indexParts) readElements(rows []indexElementRow) error {
	if rows != nil && len(rows) != p.Keys {
		return fmt.Errorf("%w: %d elements, want %d", errTorn, len(rows), p.Keys)
	}
	p.elements = make([]schema.IndexElement, p.Keys)
	for i, name := range p.relation.columnNames(p.Columns[:p.Keys]) {
		p.elements[i] = schema.IndexElement{
			Column:     name,
			Desc:       p.Flags[i]&flagDesc != 0,
			NullsFirst: p.Flags[i]&flagNullsFirst != 0,
		}
	}
	if rows == nil {
		return nil
	}
	list, err := firstList(rows[0].Definition)
	if err != nil {
		return err
	}
	texts := make([]string, len(rows))
	for i, row := range rows {
		texts[i] = row.Text
	}
	shown, err := decorations(list, texts)
	if err != nil {
		return err
	}
	for i, row := range rows {
		row.complete(&p.elements[i], shown[i])
	}
	return nil
}

func (row indexElementRow) complete(e *schema.IndexElement, shown decoration) {
	if row.Column == "" {
		e.Expr = expression(row.Text)
	}
	if shown.collation {
		e.Collation = qualified(row.CollationSchema, row.CollationName)
	}
	if shown.opClass {
		e.OpClass = qualified(row.OpClassSchema, row.OpClassName)
	}
	e.OpClassParams = params(row.OpClassParams)
	e.Statistics = row.Statistics
}
