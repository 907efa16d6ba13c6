package planner

import (
	"reflect"
	"strconv"
	"strings"

	"github.com/pleatdb/pleat/schema"
)

var indexRules = kindRules{
	create: func(p *planning, o schema.Object) []string {
		i := o.(*schema.Index)
		return append([]string{p.indexDefinition(i)}, finishIndex(i)...)
	},
	drop: func(p *planning, o schema.Object) []string {
		return []string{"DROP INDEX " + p.concurrently() + o.ID().SQL()}
	},
	replaces: func(p *planning, before, after schema.Object) bool {
		from, to := before.(*schema.Index), after.(*schema.Index)
		probe := *from
		probe.StorageParams, probe.Tablespace, probe.Clustered = to.StorageParams, to.Tablespace, to.Clustered
		probe.Elements = withStatisticsOf(from.Elements, to.Elements)
		if from.AttachedTo == nil || p.detaches(to.ID()) {
			probe.AttachedTo = to.AttachedTo // set by the engine when the parent's index is made
		}
		return !Equal(&probe, to)
	},
	alter: alterIndex,
}

// indexDefinition writes CREATE INDEX. It says ON ONLY, which pg_get_indexdef prints for partitioned
// tables and which leaves the partitions without the index, only where that is meant.
func (p *planning) indexDefinition(i *schema.Index) string {
	sql := "CREATE INDEX "
	if i.Unique {
		sql = "CREATE UNIQUE INDEX "
	}
	sql += p.concurrently()
	parts := make([]string, len(i.Elements))
	for n := range i.Elements {
		parts[n] = indexElement(&i.Elements[n])
	}
	sql += schema.Quote(i.Name) + " ON "
	if p.only {
		sql += "ONLY "
	}
	sql += schema.Qualified(i.Schema, i.Table)
	if i.Method != "btree" && i.Method != "" {
		sql += " USING " + schema.Quote(i.Method)
	}
	sql += " (" + strings.Join(parts, ", ") + ")"
	if len(i.Include) > 0 {
		sql += " INCLUDE (" + schema.QuoteAll(i.Include) + ")"
	}
	if i.NullsNotDistinct {
		sql += " NULLS NOT DISTINCT"
	}
	if len(i.StorageParams) > 0 {
		sql += " WITH (" + paramList(i.StorageParams) + ")"
	}
	if i.Tablespace != "" {
		sql += " TABLESPACE " + schema.Quote(i.Tablespace)
	}
	if i.Where != "" {
		sql += " WHERE " + i.Where
	}
	return sql
}

func (p *planning) concurrently() string {
	if p.opts.Concurrently {
		return "CONCURRENTLY "
	}
	return ""
}

// indexElement writes one column or expression of an index.
func indexElement(e *schema.IndexElement) string {
	sql := schema.Quote(e.Column)
	if e.Expr != "" {
		sql = "(" + e.Expr + ")"
	}
	sql += collate(e.Collation)
	if e.OpClass != "" {
		sql += " " + e.OpClass
		if len(e.OpClassParams) > 0 {
			sql += " (" + paramList(e.OpClassParams) + ")"
		}
	}
	if e.Desc {
		sql += " DESC"
	}
	switch {
	case e.NullsFirst && !e.Desc:
		sql += " NULLS FIRST"
	case !e.NullsFirst && e.Desc:
		sql += " NULLS LAST"
	}
	return sql
}

// finishIndex writes what CREATE INDEX cannot say.
func finishIndex(i *schema.Index) []string {
	var out []string
	if i.Clustered {
		out = append(out, tableSQL(i.Schema, i.Table)+" CLUSTER ON "+schema.Quote(i.Name))
	}
	return append(out, alterStatistics(i, nil)...)
}

// alterStatistics sets the statistics targets of expressions, which are addressed by their number.
func alterStatistics(i *schema.Index, from []schema.IndexElement) []string {
	var out []string
	for n := range i.Elements {
		var old *int
		if from != nil {
			old = from[n].Statistics
		}
		if reflect.DeepEqual(old, i.Elements[n].Statistics) {
			continue
		}
		target := "-1"
		if s := i.Elements[n].Statistics; s != nil {
			target = strconv.Itoa(*s)
		}
		out = append(out, "ALTER INDEX "+i.ID().SQL()+" ALTER COLUMN "+strconv.Itoa(n+1)+" SET STATISTICS "+target)
	}
	return out
}

func withStatisticsOf(from, to []schema.IndexElement) []schema.IndexElement {
	if len(from) != len(to) {
		return from
	}
	out := make([]schema.IndexElement, len(from))
	for n := range from {
		out[n] = from[n]
		out[n].Statistics = to[n].Statistics
	}
	return out
}

func alterIndex(p *planning, before, after schema.Object) ([]string, error) {
	from, to := before.(*schema.Index), after.(*schema.Index)
	out := p.alterIndexSettings(to.ID(),
		indexSettings{from.StorageParams, from.Tablespace, from.Clustered},
		indexSettings{to.StorageParams, to.Tablespace, to.Clustered})
	return append(out, alterStatistics(to, from.Elements)...), nil
}

// indexSettings are what any index can change in place.
type indexSettings struct {
	params     []schema.Param
	tablespace string
	clustered  bool
}

func (p *planning) alterIndexSettings(id schema.ID, from, to indexSettings) []string {
	prefix := "ALTER INDEX " + schema.Qualified(id.Schema, id.Name)
	table := tableSQL(id.Schema, id.Parent)
	out := alterParams(prefix, from.params, to.params)
	if from.tablespace != to.tablespace {
		out = append(out, prefix+" SET TABLESPACE "+orDefault(to.tablespace, "pg_default"))
	}
	switch {
	case from.clustered == to.clustered:
	case to.clustered:
		out = append(out, table+" CLUSTER ON "+schema.Quote(id.Name))
	case !p.clusters(id):
		out = append(out, table+" SET WITHOUT CLUSTER")
	}
	return out
}

// clusters reports whether another index of the same table takes over as the one that CLUSTER uses, which ends
// the role of this one.
func (p *planning) clusters(id schema.ID) bool {
	for other, c := range p.changes {
		if other.Schema != id.Schema || other.Parent != id.Parent || c.To == nil {
			continue
		}
		if i, ok := c.To.(*schema.Index); ok && i.Clustered {
			return true
		}
		if i := indexOptions(c.To); i != nil && i.Clustered {
			return true
		}
	}
	return false
}

// Concurrent writes CREATE INDEX CONCURRENTLY, of a table that is not partitioned.
func Concurrent(i *schema.Index) string {
	p := &planning{opts: Options{Concurrently: true}}
	return p.indexDefinition(i)
}

// OnlyParent writes CREATE INDEX ON ONLY: the index of a partitioned table that stays invalid until every partition's is attached.
func OnlyParent(i *schema.Index) string {
	p := &planning{only: true}
	return p.indexDefinition(i)
}
