package inspect

import (
	"fmt"

	"github.com/pleatdb/pleat/schema"
)

type inheritRow struct {
	Child     uint32 `db:"child"`
	Schema    string `db:"schema"`
	Name      string `db:"name"`
	Detaching bool   `db:"detaching"`
}

func (r *reader) readInherits(rows []inheritRow) error {
	for _, row := range rows {
		r.parents[row.Child] = append(r.parents[row.Child], row)
	}
	return nil
}

type partitionRow struct {
	Relation        uint32 `db:"relation"`
	Strategy        string `db:"strategy"`
	Definition      string `db:"definition"`
	Column          string `db:"column"`
	ColumnText      string `db:"column_text"`
	Expressions     string `db:"expressions"`
	CollationSchema string `db:"collation_schema"`
	CollationName   string `db:"collation_name"`
	OpClassSchema   string `db:"opclass_schema"`
	OpClassName     string `db:"opclass_name"`
}

var strategies = map[string]string{"r": "RANGE", "l": "LIST", "h": "HASH"}

func (r *reader) readPartitionKeys(rows []partitionRow) error {
	for len(rows) > 0 {
		n := 1
		for n < len(rows) && rows[n].Relation == rows[0].Relation {
			n++
		}
		key, err := partitionKey(rows[:n])
		if err != nil {
			return err
		}
		r.partitionKeys[rows[0].Relation] = key
		rows = rows[n:]
	}
	return nil
}

func partitionKey(rows []partitionRow) (*schema.PartitionKey, error) {
	key := &schema.PartitionKey{Strategy: strategies[rows[0].Strategy]}
	expressions := splitList(rows[0].Expressions)
	texts := make([]string, len(rows))
	for i, row := range rows {
		texts[i] = row.ColumnText
		if row.Column == "" {
			if len(expressions) == 0 {
				return nil, fmt.Errorf("%w: partition key %s", errTorn, row.Definition)
			}
			texts[i], expressions = expressions[0], expressions[1:]
		}
	}
	list, err := firstList(rows[0].Definition)
	if err != nil {
		return nil, err
	}
	shown, err := decorations(list, texts)
	if err != nil {
		return nil, err
	}
	for i, row := range rows {
		e := schema.PartitionElement{Column: row.Column}
		if row.Column == "" {
			e.Expr = expression(texts[i])
		}
		if shown[i].collation {
			e.Collation = qualified(row.CollationSchema, row.CollationName)
		}
		if shown[i].opClass {
			e.OpClass = qualified(row.OpClassSchema, row.OpClassName)
		}
		key.Elements = append(key.Elements, e)
	}
	return key, nil
}
