package hclfile

import (
	"slices"
	"strings"

	"github.com/pleatdb/pleat/schema"
	"github.com/zclconf/go-cty/cty"
)

func stringValue(s string) cty.Value { return cty.StringVal(s) }

func (w *writer) table(t *schema.Table) *node {
	var n *node
	if t.PartitionOf != nil {
		n = w.object("partition", t.ID())
		w.partitionOf(n, t.PartitionOf)
	} else {
		n = w.object("table", t.ID())
	}
	if len(t.Inherits) > 0 {
		n.attr("inherits", list(t.Inherits, func(name schema.Name) string {
			return w.ref(schema.ID{Kind: schema.KindTable, Schema: name.Schema, Name: name.Name})
		}))
	}
	if t.Of != nil {
		n.attr("of", w.ref(schema.ID{Kind: schema.KindComposite, Schema: t.Of.Schema, Name: t.Of.Name}))
	}
	n.flag("unlogged", t.Unlogged)
	n.word("access_method", t.AccessMethod)
	n.text("tablespace", t.Tablespace)
	w.replicaIdentity(n, t)
	w.comment(n, t.ID())
	for _, c := range t.Columns {
		w.column(n, t, c, w.inherited(t, c.Name))
	}
	w.tableParts(n, t)
	if t.Partition != nil {
		w.partitionKey(n, t)
	}
	if rs := t.RowSecurity; rs != (schema.RowSecurity{}) {
		inner := n.block("row_security")
		inner.attr("enabled", boolean(rs.Enabled))
		inner.flag("enforced", rs.Forced)
	}
	n.paramsBlock("storage_params", t.StorageParams)
	return n
}

// tableParts writes the constraints, indexes, triggers and policies of a table.
func (w *writer) tableParts(n *node, t *schema.Table) {
	for _, kind := range []schema.Kind{schema.KindPrimaryKey, schema.KindUnique, schema.KindExclude, schema.KindCheck,
		schema.KindForeignKey, schema.KindIndex, schema.KindTrigger, schema.KindPolicy} {
		for _, part := range w.parts(t.ID(), kind) {
			switch part := part.(type) {
			case *schema.PrimaryKey:
				w.primaryKey(n, part)
			case *schema.Unique:
				w.unique(n, part)
			case *schema.Exclude:
				w.exclude(n, part)
			case *schema.Check:
				w.check(n, part)
			case *schema.ForeignKey:
				w.foreignKey(n, part)
			case *schema.Index:
				w.index(n, part)
			case *schema.Trigger:
				w.trigger(n, part)
			case *schema.Policy:
				w.policy(n, part)
			}
		}
	}
}

func (w *writer) replicaIdentity(n *node, t *schema.Table) {
	switch t.ReplicaIdentity {
	case "full", "nothing":
		n.attr("replica_identity", strings.ToUpper(t.ReplicaIdentity))
	case "index":
		for _, kind := range []schema.Kind{schema.KindPrimaryKey, schema.KindUnique, schema.KindExclude, schema.KindIndex} {
			id := schema.ID{Kind: kind, Schema: t.Schema, Parent: t.Name, Name: t.ReplicaIndex}
			if w.cat.Has(id) {
				n.attr("replica_identity", partRef(kind.String(), t.ReplicaIndex))
			}
		}
	}
}

// paramsBlock writes parameters as a block, or all of them in its object `raw` where a name is no HCL name: their order
// can matter.
func (n *node) paramsBlock(name string, params []schema.Param) {
	if len(params) > 0 {
		n.params(name, params)
	}
}

func (n *node) params(name string, params []schema.Param) {
	inner := n.block(name)
	if !slices.ContainsFunc(params, func(p schema.Param) bool { return !isParamName(p.Name) }) {
		for _, p := range params {
			inner.attr(p.Name, paramValue(p.Value))
		}
		return
	}
	lines := make([]string, len(params))
	for i, p := range params {
		lines[i] = quoted(p.Name) + " = " + paramValue(p.Value)
	}
	inner.attr("raw", "{\n"+strings.Join(lines, "\n")+"\n}")
}

// isParamName reports whether a parameter can be an argument of a block.
func isParamName(name string) bool { return isWord(name) && name != "raw" && name != "for_each" }

func paramValue(value string) string {
	if digits := strings.TrimPrefix(value, "-"); isNumber(digits) && value != "-0" && (!strings.Contains(value, ".") || !strings.HasSuffix(value, "0")) && len(value) < 15 || value == "true" || value == "false" {
		return value
	}
	return quoted(value)
}
