package planner

import (
	"reflect"
	"slices"
	"strings"

	"github.com/pleatdb/pleat/schema"
)

// actOnTable makes the actions of a table. A changed table becomes one action for each column that changes, so that
// a view can be rebuilt between the end of one column and the beginning of another.
func (p *planning) actOnTable(id schema.ID, c *change) error {
	switch c.mode {
	case create:
		p.createTable(c.To.(*schema.Table))
		return nil
	case drop:
		p.dropTable(c.From.(*schema.Table))
		return nil
	}
	from, to := c.From.(*schema.Table), c.To.(*schema.Table)
	for _, column := range p.tableColumns(from, to) {
		if err := p.actOnColumn(from, to, p.columns[column]); err != nil {
			return err
		}
	}
	p.alterPlace(from, to)
	p.alterSettings(from, to)
	return p.completeTable(from, to)
}

// dropTable ends a table. What refers to a partitioned table depends on each of its partitions: a foreign key that goes has
// to go first, and for one that stays the partition is detached.
func (p *planning) dropTable(t *schema.Table) {
	id := t.ID()
	a := p.add(&action{id: id, verb: "drop", sql: []string{"DROP TABLE " + id.SQL()}, loses: []schema.ID{id}})
	a.drops = append(p.from.Columns(id), id)
	a.leaves = a.drops
	stays := false
	for above := t; above.PartitionOf != nil; {
		name := above.PartitionOf.Parent
		next, ok := p.from.Get(schema.ID{Kind: schema.KindTable, Schema: name.Schema, Name: name.Name}).(*schema.Table)
		if !ok {
			break
		}
		for _, x := range p.referring(next) {
			if p.ends(x) {
				a.wants = append(a.wants, endOf(x))
			} else {
				stays = true
			}
		}
		above = next
	}
	if stays && !p.ends(schema.ID{Kind: schema.KindTable, Schema: t.PartitionOf.Parent.Schema, Name: t.PartitionOf.Parent.Name}) {
		a.sql = []string{"ALTER TABLE " + t.PartitionOf.Parent.SQL() + " DETACH PARTITION " + id.SQL(), "DROP TABLE " + id.SQL()}
	}
}

// referring lists the foreign keys that refer to the table.
func (p *planning) referring(t *schema.Table) []schema.ID {
	var out []schema.ID
	for _, part := range append(p.from.Columns(t.ID()), t.ID()) {
		for _, x := range p.dependents[part] {
			fk, ok := p.from.Get(x).(*schema.ForeignKey)
			if ok && fk.RefTable == (schema.Name{Schema: t.Schema, Name: t.Name}) && !slices.Contains(out, x) {
				out = append(out, x)
			}
		}
	}
	return out
}

// tableColumns lists the addresses of the columns that change, those that stay or go first.
func (p *planning) tableColumns(from, to *schema.Table) []schema.ID {
	var out []schema.ID
	for _, id := range p.from.Columns(from.ID()) {
		if p.columns[id] != nil {
			out = append(out, id)
		}
	}
	for _, column := range to.Columns {
		if from.Column(column.Name) == nil {
			out = append(out, schema.ColumnID(to.ID(), column.Name))
		}
	}
	return out
}

// completeTable makes sure that every difference between the two tables was dealt with.
func (p *planning) completeTable(from, to *schema.Table) error {
	probe := *from
	probe.Columns = to.Columns // each column has a guard of its own
	probe.Unlogged, probe.AccessMethod, probe.Tablespace = to.Unlogged, to.AccessMethod, to.Tablespace
	probe.StorageParams, probe.RowSecurity = to.StorageParams, to.RowSecurity
	probe.ReplicaIdentity, probe.ReplicaIndex = to.ReplicaIdentity, to.ReplicaIndex
	probe.Inherits, probe.PartitionOf, probe.Of = to.Inherits, to.PartitionOf, to.Of
	return complete(&probe, to)
}

// alterSettings changes what concerns the table as a whole.
func (p *planning) alterSettings(from, to *schema.Table) {
	prefix := tableSQL(to.Schema, to.Name)
	var sql []string
	if from.Unlogged != to.Unlogged {
		word := " SET LOGGED"
		if to.Unlogged {
			word = " SET UNLOGGED"
		}
		sql = append(sql, prefix+word)
	}
	if from.AccessMethod != to.AccessMethod {
		sql = append(sql, prefix+" SET ACCESS METHOD "+orDefault(to.AccessMethod, "heap"))
	}
	if from.Tablespace != to.Tablespace {
		sql = append(sql, prefix+" SET TABLESPACE "+orDefault(to.Tablespace, "pg_default"))
	}
	sql = append(sql, alterParams(prefix, from.StorageParams, to.StorageParams)...)
	sql = append(sql, rowSecurity(prefix, from.RowSecurity, to.RowSecurity)...)
	if len(sql) > 0 {
		p.add(&action{id: to.ID(), sql: sql})
	}
	p.replicaIdentity(from, to)
}

func orDefault(name, fallback string) string {
	if name == "" {
		return fallback
	}
	return schema.Quote(name)
}

func rowSecurity(prefix string, from, to schema.RowSecurity) []string {
	var out []string
	if from.Enabled != to.Enabled {
		word := " DISABLE"
		if to.Enabled {
			word = " ENABLE"
		}
		out = append(out, prefix+word+" ROW LEVEL SECURITY")
	}
	if from.Forced != to.Forced {
		word := " NO FORCE"
		if to.Forced {
			word = " FORCE"
		}
		out = append(out, prefix+word+" ROW LEVEL SECURITY")
	}
	return out
}

// replicaIdentity follows the index that it names: after that is made, and before the old one goes.
func (p *planning) replicaIdentity(from, to *schema.Table) {
	rebuilt := from.ReplicaIndex != "" && p.endsIndex(from.ID(), from.ReplicaIndex)
	if from.ReplicaIdentity == to.ReplicaIdentity && from.ReplicaIndex == to.ReplicaIndex && !rebuilt {
		return
	}
	clause := map[string]string{"": "DEFAULT", "full": "FULL", "nothing": "NOTHING"}[to.ReplicaIdentity]
	if to.ReplicaIdentity == "index" {
		clause = "USING INDEX " + schema.Quote(to.ReplicaIndex)
	}
	a := p.add(&action{id: to.ID(), sql: []string{tableSQL(to.Schema, to.Name) + " REPLICA IDENTITY " + clause}})
	a.wants = append(indexIDs(to.ID(), to.ReplicaIndex), to.ID())
	if to.ReplicaIndex != from.ReplicaIndex {
		a.precedes = indexIDs(from.ID(), from.ReplicaIndex)
	}
}

// indexIDs lists the objects that may stand behind the name of an index: the index itself or a key.
func indexIDs(table schema.ID, name string) []schema.ID {
	var out []schema.ID
	for _, kind := range []schema.Kind{schema.KindIndex, schema.KindPrimaryKey, schema.KindUnique} {
		out = append(out, schema.ID{Kind: kind, Schema: table.Schema, Parent: table.Name, Name: name})
	}
	return out
}

func (p *planning) endsIndex(table schema.ID, name string) bool {
	for _, id := range indexIDs(table, name) {
		if p.ends(id) {
			return true
		}
	}
	return false
}

// createTable makes a new table with its columns. Defaults and constraints are actions of their own; fold puts them
// into the statement where nothing has to come between.
func (p *planning) createTable(t *schema.Table) {
	id := t.ID()
	a := p.add(&action{id: id, verb: "create", sql: []string{p.tableDefinition(t, nil)}, makes: append(p.to.Columns(id), id)})
	prefix := tableSQL(t.Schema, t.Name)
	for i := range t.Columns {
		a.sql = append(a.sql, p.finishColumn(t, &t.Columns[i])...)
	}
	a.sql = append(a.sql, p.withoutDefaults(t)...)
	a.sql = append(a.sql, rowSecurity(prefix, schema.RowSecurity{}, t.RowSecurity)...)
	p.replicaIdentity(&schema.Table{Schema: t.Schema, Name: t.Name}, t)
	if p.attachesLater(t) {
		p.attach(t)
	}
}

// withoutDefaults takes away the defaults that a new partition or child copies from its parent but shall not have.
func (p *planning) withoutDefaults(t *schema.Table) []string {
	if p.attachesLater(t) {
		return nil
	}
	var out []string
	for _, parent := range parentsOf(t) {
		for _, column := range p.to.Columns(schema.ID{Kind: schema.KindTable, Schema: parent.Schema, Name: parent.Name}) {
			id := schema.ID{Kind: schema.KindDefault, Schema: t.Schema, Parent: t.Name, Name: column.Name}
			inherited := column
			inherited.Kind = schema.KindDefault
			unwanted := !p.to.Has(id) && p.to.Has(inherited)
			if p.opts.Lenient {
				unwanted = unwanted && p.opts.NoDefault[id]
			}
			if unwanted {
				out = append(out, tableSQL(t.Schema, t.Name)+" ALTER COLUMN "+schema.Quote(column.Name)+" DROP DEFAULT")
			}
		}
	}
	return out
}

// tableDefinition writes CREATE TABLE with the clauses that were folded into it.
func (p *planning) tableDefinition(t *schema.Table, f *folded) string {
	word := "CREATE TABLE "
	if t.Unlogged {
		word = "CREATE UNLOGGED TABLE "
	}
	sql := word + t.ID().SQL()
	lines := p.tableLines(t, f)
	switch {
	case t.PartitionOf != nil && !p.attachesLater(t):
		sql += " PARTITION OF " + t.PartitionOf.Parent.SQL()
		if len(lines) > 0 {
			sql += " (\n    " + strings.Join(lines, ",\n    ") + "\n)"
		}
		sql += " " + t.PartitionOf.Bound
	case t.Of != nil:
		sql += " OF " + t.Of.SQL()
		if len(lines) > 0 {
			sql += " (\n    " + strings.Join(lines, ",\n    ") + "\n)"
		}
	case len(lines) == 0:
		sql += " ()"
	default:
		sql += " (\n    " + strings.Join(lines, ",\n    ") + "\n)"
	}
	if len(t.Inherits) > 0 {
		sql += "\nINHERITS (" + joinNames(t.Inherits) + ")"
	}
	if t.Partition != nil {
		sql += "\nPARTITION BY " + partitionKey(t.Partition)
	}
	if t.AccessMethod != "" {
		sql += "\nUSING " + schema.Quote(t.AccessMethod)
	}
	if len(t.StorageParams) > 0 {
		sql += "\nWITH (" + paramList(t.StorageParams) + ")"
	}
	if t.Tablespace != "" {
		sql += "\nTABLESPACE " + schema.Quote(t.Tablespace)
	}
	return sql
}

func joinNames(names []schema.Name) string {
	parts := make([]string, len(names))
	for i, n := range names {
		parts[i] = n.SQL()
	}
	return strings.Join(parts, ", ")
}

// tableLines writes what stands between the parentheses.
func (p *planning) tableLines(t *schema.Table, f *folded) []string {
	var lines []string
	for i := range t.Columns {
		c := &t.Columns[i]
		def := f.columnDefault(c.Name)
		switch {
		case t.Of != nil:
			if line := typedColumn(t, c, def); line != "" {
				lines = append(lines, line)
			}
		case !c.Inherited || p.attachesLater(t):
			lines = append(lines, columnDefinition(t, p.declared(t, c), def))
		}
	}
	if p.attachesLater(t) {
		lines = append(lines, p.inheritedChecks(t)...)
	}
	if f != nil {
		lines = append(lines, f.clauses...)
	}
	return lines
}

// declared is the column as CREATE TABLE may state it: before PostgreSQL 16 a child must not repeat the generation
// expression that it inherits.
func (p *planning) declared(t *schema.Table, c *schema.Column) *schema.Column {
	if c.Generated == nil || len(t.Inherits) == 0 || p.opts.Major >= 16 {
		return c
	}
	if parent := p.parentColumn(t, c.Name); parent == nil || parent.Generated == nil {
		return c
	}
	plain := *c
	plain.Generated = nil
	return &plain
}

func sameName(a, b *schema.Name) bool { return reflect.DeepEqual(a, b) }
