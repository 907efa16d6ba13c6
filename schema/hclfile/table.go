package hclfile

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/pleatdb/pleat/schema"
)

const tableAttrs = "schema unlogged access_method tablespace replica_identity strategy" + intentAttrs

func tableSpec() *spec { return withTableParts(shape("inherits of " + tableAttrs)) }

// withTableParts adds the blocks that tables and partitions have in common.
func withTableParts(s *spec) *spec {
	return s.with("column", columnSpec()).
		with("primary_key", primaryKeySpec().labels(0, 1).once()).
		with("unique", uniqueSpec().labels(1, 1)).
		with("exclude", excludeSpec().labels(1, 1)).
		with("check", checkSpec().labels(1, 1)).
		with("foreign_key", foreignKeySpec().labels(1, 1)).
		with("index", indexSpec().labels(1, 1)).
		with("trigger", triggerSpec("").labels(1, 1)).
		with("policy", policySpec("").labels(1, 1)).
		with("partition", partitionKeySpec().once()).
		with("row_security", shape("enabled enforced").once()).
		with("storage_params", paramsSpec())
}

func paramsSpec() *spec { return (&spec{open: true, blocks: map[string]*spec{}}).once() }

func (l *loader) loadTable(b *block, s *symbol) {
	t := &schema.Table{Schema: s.id.Schema, Name: s.id.Name}
	if b.has("of") {
		if target, ok := b.resolve(b.attrs["of"].Expr, nil, "composite"); ok {
			t.Of = &schema.Name{Schema: target.id.Schema, Name: target.id.Name}
		}
	}
	for _, p := range s.parents {
		if p.id.Kind == schema.KindTable {
			t.Inherits = append(t.Inherits, schema.Name{Schema: p.id.Schema, Name: p.id.Name})
		}
	}
	if b.has("of") && b.has("inherits") {
		b.errorf(b.at("inherits"), "Contradicting arguments", "A typed table cannot inherit.")
	}
	l.loadTableBody(&tableLoad{table: t, sym: s, block: b, partial: b.has("of") || b.has("inherits")})
}

// loadTableBody reads what tables and partitions have in common and adds the table with all its parts.
func (l *loader) loadTableBody(t *tableLoad) {
	b, table := t.block, t.table
	table.Unlogged = b.boolean("unlogged", false)
	if method := lowerASCII(b.bareWord("access_method")); method != "heap" {
		table.AccessMethod = method
	}
	table.Tablespace = b.bareWord("tablespace")
	table.StorageParams = b.paramsOf("storage_params")
	if rs := b.child("row_security"); rs != nil {
		table.RowSecurity = schema.RowSecurity{Enabled: rs.boolean("enabled", false), Forced: rs.boolean("enforced", false)}
	}
	if key := b.child("partition"); key != nil {
		table.Partition = l.loadPartitionKey(key, t.sym)
	}
	l.loadReplicaIdentity(t)
	for _, c := range b.children("column") {
		l.loadColumn(t, c)
	}
	if table.Of != nil {
		t.fillTyped()
	}
	requireKeyColumns(t)
	if !l.add(table, b) {
		return
	}
	for _, p := range t.sym.parents {
		l.depend(table.ID(), p.id)
	}
	if key := b.child("partition"); key != nil {
		l.dependOnPartitionKey(key, t)
	}
	for _, c := range b.blocks {
		l.loadTablePart(t, c)
	}
}

func (l *loader) loadTablePart(t *tableLoad, c *block) {
	switch c.kind {
	case "primary_key":
		l.loadPrimaryKey(t, c)
	case "unique":
		l.loadUnique(t, c)
	case "exclude":
		l.loadExclude(t, c)
	case "check":
		l.loadCheck(t, c)
	case "foreign_key":
		l.loadForeignKey(t, c)
	case "index":
		l.loadIndex(c, t.sym)
	case "trigger":
		l.loadTrigger(c, t.sym)
	case "policy":
		l.loadPolicy(c, t.sym)
	}
	if col := schema.ColumnID(t.table.ID(), c.name()); c.kind == "column" && c.child("as") != nil {
		l.dependOnExpr(col, c.child("as").expr("expr"), t.sym)
	}
}

// fillTyped gives a typed table the columns of its type, in their order.
func (t *tableLoad) fillTyped() {
	stated := t.table.Columns
	t.table.Columns = nil
	for _, p := range t.sym.parents {
		for _, f := range p.block.children("field") {
			col := schema.Column{Name: f.name()}
			for _, s := range stated {
				if s.Name == col.Name {
					col = s
				}
			}
			typ, _ := f.readType("type")
			col.Type, col.Collation = typ.text, f.collation()
			t.table.Columns = append(t.table.Columns, col)
		}
	}
}

// requireKeyColumns makes the columns of the primary key NOT NULL, as PostgreSQL does.
func requireKeyColumns(t *tableLoad) {
	pk := t.block.child("primary_key")
	if pk == nil {
		return
	}
	for _, name := range pk.columns("columns", t.sym) {
		if c := t.table.Column(name); c != nil {
			c.NotNull = true
		}
	}
}

func (l *loader) loadReplicaIdentity(t *tableLoad) {
	b := t.block
	a := b.attrs["replica_identity"]
	if a == nil {
		return
	}
	if steps, ok := b.path(a.Expr); ok && len(steps) > 1 {
		if target, ok := b.resolve(a.Expr, t.sym, "index", "unique", "primary_key", "exclude"); ok {
			t.table.ReplicaIdentity, t.table.ReplicaIndex = "index", target.id.Name
		}
		return
	}
	switch b.word("replica_identity", "FULL", "NOTHING", "DEFAULT") {
	case "FULL":
		t.table.ReplicaIdentity = "full"
	case "NOTHING":
		t.table.ReplicaIdentity = "nothing"
	}
}

// paramsOf reads parameters, which are a block, or where a name is no HCL name, as toast.fillfactor is not, an object.
func (b *block) paramsOf(name string) []schema.Param {
	if c := b.child(name); c != nil {
		return c.params()
	}
	return nil
}

// params reads a block of parameters in the order of the file.
func (b *block) params() (out []schema.Param) {
	for _, name := range sortedAttrs(b.attrs) {
		a := b.attrs[name]
		if name == "raw" {
			out = append(out, b.rawParams(a)...)
			continue
		}
		if word := b.bareKeyword(name); word != "" && !b.isVariable(word) {
			out = append(out, schema.Param{Name: name, Value: lowerASCII(word)})
		} else if text, ok := b.text(a.Expr); ok {
			out = append(out, schema.Param{Name: name, Value: text})
		}
	}
	return out
}

// rawParams reads `raw = { "toast.fillfactor" = 70 }`, for names that HCL cannot have on the left of an equals sign.
func (b *block) rawParams(a *hcl.Attribute) (out []schema.Param) {
	pairs, diags := hcl.ExprMap(a.Expr)
	if diags.HasErrors() {
		b.errorf(a.Expr.Range(), "Wrong type of value", "raw takes an object: { \"toast.fillfactor\" = 70 }.")
		return nil
	}
	for _, p := range pairs {
		key := p.Key
		if k, ok := key.(*hclsyntax.ObjectConsKeyExpr); ok {
			key = k.Wrapped
			if word := hcl.ExprAsKeyword(k); word != "" {
				key = hcl.StaticExpr(stringValue(word), k.Range())
			}
		}
		name, ok := b.text(key)
		value, ok2 := b.text(p.Value)
		if ok && ok2 {
			out = append(out, schema.Param{Name: name, Value: value})
		}
	}
	return out
}
