package cost

import (
	"slices"
	"time"

	"github.com/pleatdb/pleat/planner"
	"github.com/pleatdb/pleat/schema"
)

// Size is how large a table, materialized view or index is. The fields are those of what package inspect reads, so that one converts
// into the other.
type Size struct {
	// Rows is an estimate; -1 if it is unknown.
	Rows int64
	// Bytes are those of the rows with their TOAST table, or of the index.
	Bytes int64
	// Indexes are the bytes of all indexes of a table.
	Indexes int64
}

// Rates say how much work a server does in a second, in megabytes (10^6 bytes). A rate that is 0 is the default, which is that of a
// cloud volume of 125 MB/s whose cache holds none of the table.
type Rates struct {
	// Scan is for reading a table in full. The default is 125.
	Scan float64
	// Rewrite is for reading a table and writing it anew, by bytes of the table. The default is 40: both share the volume, and
	// every page goes to the write-ahead log too.
	Rewrite float64
	// Build is for sorting and writing an index, by bytes of the index; the table is read besides. The default is 30.
	Build float64
	// Validate is for looking up the rows of a table in another one, by bytes of the table. The default is 60.
	Validate float64
}

func (r Rates) orDefault() Rates {
	for _, rate := range []struct {
		value *float64
		usual float64
	}{{&r.Scan, 125}, {&r.Rewrite, 40}, {&r.Build, 30}, {&r.Validate, 60}} {
		if *rate.value <= 0 {
			*rate.value = rate.usual
		}
	}
	return r
}

// Cost is what the work of a statement takes.
type Cost struct {
	// Duration is an estimate; 0 for a change of the catalogs alone.
	Duration time.Duration
	// Bytes are those of the tables that are read or written in full.
	Bytes int64
	// Unknown is set where the size of a table is not known. Duration and Bytes then leave it out.
	Unknown bool
	// Lock is the strongest lock on a table under which work is done, and On that table, the largest of several.
	Lock planner.LockMode
	On   schema.ID
	// Text says it in a few words: "instant", or "about 4 min under ACCESS EXCLUSIVE on public.orders (38 GB)".
	Text string
}

// entryBytes is what an entry of an index on a column of 8 bytes takes: tuple header and line pointer 12, key 8, and pages that are 90 %
// full (documentation, "B-Tree Indexes" and fillfactor).
const entryBytes = 22

// Of estimates what an effect costs. Tables and indexes that are not in sizes have an unknown size.
func Of(e planner.Effect, sizes map[schema.ID]Size, rates Rates) Cost {
	w := work{effect: e, sizes: sizes, rates: rates.orDefault(), tables: map[schema.ID]bool{}}
	for _, id := range e.Rewrites {
		w.spend(w.table(id).Bytes, w.rates.Rewrite)
	}
	for _, id := range e.Scans {
		w.spend(w.table(id).Bytes*w.readings(id), w.rates.Scan)
	}
	for _, id := range e.Builds {
		w.spend(w.index(id), w.rates.Build)
	}
	for _, id := range e.Validates {
		w.spend(w.table(schema.ID{Kind: schema.KindTable, Schema: id.Schema, Name: id.Parent}).Bytes, w.rates.Validate)
	}
	return w.cost()
}

// work adds up.
type work struct {
	effect planner.Effect
	sizes  map[schema.ID]Size
	rates  Rates
	// tables are those that are read or written.
	tables  map[schema.ID]bool
	seconds float64
	unknown bool
}

func (w *work) spend(bytes int64, rate float64) { w.seconds += float64(bytes) / 1e6 / rate }

// table is the size of a table on which there is work.
func (w *work) table(id schema.ID) Size {
	w.tables[id] = true
	size, ok := w.sizes[id]
	w.unknown = w.unknown || !ok
	return size
}

// readings is how often a table is read: once for each index that is built on it, and once for checks if there are none.
func (w *work) readings(table schema.ID) (n int64) {
	for _, id := range w.effect.Builds {
		if id.Schema == table.Schema && id.Parent == table.Name {
			n++
		}
	}
	return max(n, 1)
}

// index is how large an index is or will be: as large as it is now, or else by the rows of its table, and where those are
// unknown a fifth of it.
func (w *work) index(id schema.ID) int64 {
	if size, ok := w.sizes[id]; ok {
		return size.Bytes
	}
	of := schema.ID{Kind: schema.KindTable, Schema: id.Schema, Name: id.Parent}
	if _, ok := w.sizes[of]; !ok {
		if view := (schema.ID{Kind: schema.KindMaterialized, Schema: id.Schema, Name: id.Parent}); w.known(view) {
			of = view
		}
	}
	size := w.table(of)
	if size.Rows < 0 {
		return size.Bytes / 5
	}
	return size.Rows * entryBytes
}

func (w *work) known(id schema.ID) bool {
	_, ok := w.sizes[id]
	return ok
}

// cost sums up, with the strongest lock among those on the tables that are worked on.
func (w *work) cost() Cost {
	c := Cost{Duration: time.Duration(w.seconds * float64(time.Second)), Unknown: w.unknown}
	ids := make([]schema.ID, 0, len(w.tables))
	for id := range w.tables {
		ids = append(ids, id)
		c.Bytes += w.sizes[id].Bytes
	}
	slices.SortFunc(ids, schema.ID.Compare)
	for _, id := range ids {
		mode := w.effect.Strongest(id)
		if (c.On == schema.ID{}) || mode > c.Lock || mode == c.Lock && w.sizes[id].Bytes > w.sizes[c.On].Bytes {
			c.Lock, c.On = mode, id
		}
	}
	c.Text = c.text(len(ids), w.sizes)
	return c
}
