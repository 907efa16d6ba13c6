package inspect

import (
	"fmt"

	"github.com/pleatdb/pleat/schema"
)

type functionRow struct {
	OID             uint32   `db:"oid"`
	Schema          string   `db:"schema"`
	Name            string   `db:"name"`
	Kind            string   `db:"kind"`
	Owner           string   `db:"owner"`
	Language        string   `db:"language"`
	Body            string   `db:"body"`
	SQLBody         string   `db:"sql_body"`
	Library         string   `db:"library"`
	SecurityDefiner bool     `db:"security_definer"`
	Config          []string `db:"config"`
	Transforms      []string `db:"transforms"`
	Returns         string   `db:"returns"`
	ReturnsSet      bool     `db:"returns_set"`
	Volatility      string   `db:"volatility"`
	Strict          bool     `db:"strict"`
	Leakproof       bool     `db:"leakproof"`
	Parallel        string   `db:"parallel"`
	Cost            string   `db:"cost"`
	Rows            string   `db:"rows"`
	SupportSchema   string   `db:"support_schema"`
	SupportName     string   `db:"support_name"`
}

type functionArgRow struct {
	Function uint32 `db:"function"`
	Name     string `db:"name"`
	Mode     string `db:"mode"`
	Type     string `db:"type"`
	Default  string `db:"default"`
}

var (
	modes        = map[string]string{"o": "OUT", "b": "INOUT", "v": "VARIADIC", "t": "TABLE"}
	volatilities = map[string]string{"i": "IMMUTABLE", "s": "STABLE"}
	parallels    = map[string]string{"s": "SAFE", "r": "RESTRICTED"}
)

func (r *reader) readFunctionArgs(rows []functionArgRow) error {
	for _, row := range rows {
		r.args[row.Function] = append(r.args[row.Function], schema.Arg{
			Name:    row.Name,
			Mode:    modes[row.Mode],
			Type:    row.Type,
			Default: expression(row.Default),
		})
	}
	return nil
}

func (r *reader) readFunctions(rows []functionRow) error {
	for _, row := range rows {
		// Functions that make values of a range type come and go with the type, on which they depend internally.
		if _, internal := r.internal[address{classProc, row.OID, 0}]; internal {
			continue
		}
		var o schema.Object
		routine := r.routine(row)
		switch row.Kind {
		case "a":
			name := fmt.Sprintf("%s(%s)", row.Name, routine.Signature())
			r.unmanaged(classProc, row.OID, schema.Unmanaged{What: "aggregate", Schema: row.Schema, Name: name})
			continue
		case "p":
			o = &schema.Procedure{Routine: routine}
		default:
			o = function(row, routine)
		}
		if r.add(classProc, row.OID, o) {
			r.own(o.ID(), row.Owner)
		}
	}
	return nil
}

func (r *reader) routine(row functionRow) schema.Routine {
	routine := schema.Routine{
		Schema:          row.Schema,
		Name:            row.Name,
		Args:            r.args[row.OID],
		Language:        row.Language,
		Body:            row.Body,
		Library:         row.Library,
		SecurityDefiner: row.SecurityDefiner,
		Config:          params(row.Config),
		Transforms:      row.Transforms,
	}
	if row.SQLBody != "" {
		routine.Body, routine.SQLBody = "", statement(row.SQLBody)
	}
	return routine
}

func function(row functionRow, routine schema.Routine) *schema.Function {
	f := &schema.Function{
		Routine:    routine,
		Returns:    row.Returns,
		ReturnsSet: row.ReturnsSet,
		Window:     row.Kind == "w",
		Volatility: volatilities[row.Volatility],
		Strict:     row.Strict,
		Leakproof:  row.Leakproof,
		Parallel:   parallels[row.Parallel],
		Cost:       row.Cost,
		Rows:       row.Rows,
		Support:    qualified(row.SupportSchema, row.SupportName),
	}
	// Of a set of OUT parameters the type still has to be said, as SETOF needs it.
	for _, arg := range routine.Args {
		if arg.Mode == "TABLE" || (arg.Mode == "OUT" || arg.Mode == "INOUT") && !row.ReturnsSet {
			f.Returns = ""
		}
	}
	if cheap := row.Language == "c" || row.Language == "internal"; cheap && f.Cost == "1" || !cheap && f.Cost == "100" {
		f.Cost = ""
	}
	if f.Rows == "0" || f.Rows == "1000" && row.ReturnsSet {
		f.Rows = ""
	}
	return f
}
