package inspect

import (
	"bytes"
	"fmt"

	"github.com/pleatdb/pleat/schema"
)

type triggerRow struct {
	OID            uint32  `db:"oid"`
	Relation       uint32  `db:"relation"`
	Name           string  `db:"name"`
	Clone          bool    `db:"clone"`
	ParentEnabled  string  `db:"parent_enabled"`
	Enabled        string  `db:"enabled"`
	Type           int     `db:"type"`
	Constraint     uint32  `db:"constraint"`
	System         bool    `db:"system"`
	Deferrable     bool    `db:"deferrable"`
	Deferred       bool    `db:"deferred"`
	FromSchema     string  `db:"from_schema"`
	FromTable      string  `db:"from_table"`
	Columns        []int16 `db:"columns"`
	OldTable       string  `db:"old_table"`
	NewTable       string  `db:"new_table"`
	FunctionSchema string  `db:"function_schema"`
	FunctionName   string  `db:"function_name"`
	ArgCount       int     `db:"arg_count"`
	Args           []byte  `db:"args"`
	Conditional    bool    `db:"conditional"`
	Definition     string  `db:"definition"`
}

var enabledStates = map[string]string{"O": "", "D": "disabled", "R": "replica", "A": "always"}

func (r *reader) readTriggers(rows []triggerRow) error {
	for _, row := range rows {
		rel, ok := r.relations[row.Relation]
		if !ok {
			continue
		}
		switch {
		case row.System:
			// It belongs to a constraint, which then does not hold for new rows.
			if id, ok := r.ids[address{classConstraint, row.Constraint, 0}]; ok {
				r.attribute(id, "disabled trigger")
			}
		case rel.id.Kind == schema.KindUnmanaged:
			r.part(classTrigger, row.OID, rel.id, "trigger")
		case row.Clone:
			r.inherited[address{classTrigger, row.OID, 0}] = true
			if row.Enabled != row.ParentEnabled {
				r.attribute(schema.ID{Kind: schema.KindTrigger, Schema: rel.id.Schema, Parent: rel.id.Name, Name: row.Name}, "enabled state")
			}
		default:
			t, err := r.trigger(rel, row)
			if err != nil {
				return err
			}
			if r.add(classTrigger, row.OID, t) && row.Constraint != 0 {
				r.part(classConstraint, row.Constraint, t.ID(), "constraint")
			}
		}
	}
	return nil
}

func (r *reader) trigger(rel *relation, row triggerRow) (*schema.Trigger, error) {
	t := &schema.Trigger{
		Schema:     rel.id.Schema,
		Table:      rel.id.Name,
		Name:       row.Name,
		UpdateOf:   rel.columnNames(row.Columns),
		Constraint: row.Constraint != 0,
		OldTable:   row.OldTable,
		NewTable:   row.NewTable,
		Enabled:    enabledStates[row.Enabled],
		Function:   schema.Name{Schema: row.FunctionSchema, Name: row.FunctionName},
	}
	t.Timing, t.Events, t.Row = triggerType(row.Type)
	if t.Constraint {
		t.Deferral = schema.Deferral{Deferrable: row.Deferrable, InitiallyDeferred: row.Deferred}
		if row.FromTable != "" {
			t.From = &schema.Name{Schema: row.FromSchema, Name: row.FromTable}
		}
	}
	var err error
	if t.Args, err = r.triggerArgs(row); err != nil {
		return nil, fmt.Errorf("read %s: %w", t.ID(), err)
	}
	if row.Conditional {
		when, err := whenCondition(row.Definition)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", t.ID(), err)
		}
		t.When = expression(when)
	}
	return t, nil
}

// triggerType reads the bits of pg_trigger.tgtype (pg_trigger.h).
func triggerType(bits int) (timing string, events []string, row bool) {
	timing = "AFTER"
	if bits&2 != 0 {
		timing = "BEFORE"
	}
	if bits&64 != 0 {
		timing = "INSTEAD OF"
	}
	for _, event := range []struct {
		bit  int
		name string
	}{{4, "INSERT"}, {16, "UPDATE"}, {8, "DELETE"}, {32, "TRUNCATE"}} {
		if bits&event.bit != 0 {
			events = append(events, event.name)
		}
	}
	return timing, events, bits&1 != 0
}

// triggerArgs splits pg_trigger.tgargs, where each argument ends with a zero byte. The bytes are in the encoding
// of the database, which nothing converts.
func (r *reader) triggerArgs(row triggerRow) ([]string, error) {
	var args []string
	for part := range bytes.SplitSeq(bytes.TrimSuffix(row.Args, []byte{0}), []byte{0}) {
		args = append(args, string(part))
	}
	if row.ArgCount == 0 {
		return nil, nil
	}
	if len(args) != row.ArgCount {
		return nil, fmt.Errorf("%w: %d arguments, want %d", errTorn, len(args), row.ArgCount)
	}
	if r.encoding != "UTF8" && bytes.ContainsFunc(row.Args, func(c rune) bool { return c >= 0x80 }) {
		return nil, fmt.Errorf("arguments beyond ASCII in a database with encoding %s are not supported", r.encoding)
	}
	return args, nil
}
