package draft

import (
	"fmt"
	"maps"
	"slices"

	"github.com/pleatdb/pleat/history/migration"
	"github.com/pleatdb/pleat/schema"
	"github.com/pleatdb/pleat/schema/hclfile"
	"github.com/pleatdb/pleat/schema/sqltext"
)

// inPlace is what the files say about how objects change. A declared backfill of a column is about rows in batches, so it stands
// above what the table says.
func (r *Request) inPlace(m *moves) map[schema.ID]bool {
	out := map[schema.ID]bool{}
	for id := range r.Desired.Backfills {
		out[id] = false
	}
	for id, strategy := range r.Desired.Strategies {
		out[id] = strategy == hclfile.InPlace
	}
	for _, move := range m.carried {
		// Until the contract the column has its old name.
		if said, ok := out[move.To]; ok {
			out[move.From] = said
		}
	}
	return out
}

// strategyOf is how a rename is made: what the move says, else what its object or the table around that does.
func (r *Request) strategyOf(move hclfile.Move) string {
	if move.Strategy != "" {
		return move.Strategy
	}
	if own := r.Desired.Strategies[move.To]; own != "" {
		return own
	}
	return r.Desired.Strategies[schema.ID{Kind: schema.KindTable, Schema: move.To.Schema, Name: move.To.Parent}]
}

// atOnce lists what is to be dropped without a time in the trash.
func (r *Request) atOnce() map[schema.ID]bool {
	out := map[schema.ID]bool{}
	for _, removed := range r.Desired.Removed {
		if removed.AtOnce {
			out[removed.ID] = true
		}
	}
	return out
}

// taken lists the names in the trash of the database, and those that pending contract files bring there.
func (r *Request) taken() map[schema.ID]bool {
	out := map[schema.ID]bool{}
	maps.Copy(out, r.Taken)
	for _, move := range r.Desired.Moves {
		for id := range r.Taken {
			if move.From.Kind == schema.KindTable && id.Parent == move.From.Name && id.Schema == move.From.Schema {
				id.Schema, id.Parent = move.To.Schema, move.To.Name
				out[id] = true
			}
		}
	}
	for _, m := range r.Pending {
		if m.Phase != migration.Contract {
			continue
		}
		for _, script := range Scripts([]*migration.Migration{m}) {
			for _, sql := range script.SQL {
				takenBy(sql, out)
			}
		}
	}
	return out
}

// takenBy adds the names in the trash that a statement mentions, wherever they are.
func takenBy(sql string, out map[schema.ID]bool) {
	for name := range sqltext.Mentions(sql) {
		for _, kind := range []schema.Kind{schema.KindColumn, schema.KindFunction, schema.KindSchema} {
			id := schema.ID{Kind: kind, Name: name}
			if _, ok := schema.Trashed(id); ok {
				out[id] = true
			}
		}
	}
}

// unheard remarks on objects that are declared to change online where the whole plan changes everything in place.
func (r *Request) unheard() []string {
	if r.Online {
		return nil
	}
	var out []string
	for _, id := range slices.SortedFunc(maps.Keys(r.Desired.Strategies), schema.ID.Compare) {
		if r.Desired.Strategies[id] == hclfile.Online {
			out = append(out, fmt.Sprintf("strategy = ONLINE of %s says nothing here: this environment changes everything in place", id))
		}
	}
	return out
}
