package planner

import (
	"strings"

	"github.com/pleatdb/pleat/schema"
)

var viewRules = kindRules{
	create: func(p *planning, o schema.Object) []string {
		return []string{p.viewDefinition("CREATE VIEW ", o.(*schema.View))}
	},
	drop: func(_ *planning, o schema.Object) []string { return []string{"DROP VIEW " + o.ID().SQL()} },
	replaces: func(_ *planning, before, after schema.Object) bool {
		return !extends(before.(*schema.View).Columns, after.(*schema.View).Columns)
	},
	alter: func(p *planning, _, after schema.Object) ([]string, error) {
		return []string{p.viewDefinition("CREATE OR REPLACE VIEW ", after.(*schema.View))}, nil
	},
	remakes: true,
}

// extends reports whether CREATE OR REPLACE VIEW accepts the new columns: it can only add some at the end.
func extends(from, to []schema.ViewColumn) bool {
	if len(to) < len(from) {
		return false
	}
	for i := range from {
		if from[i].Name != to[i].Name || from[i].Type != to[i].Type || from[i].Collation != to[i].Collation {
			return false
		}
	}
	return true
}

func (p *planning) viewDefinition(word string, v *schema.View) string {
	sql := word + v.ID().SQL() + p.columnNames(v.Columns)
	var options []string
	if v.SecurityBarrier != "" {
		options = append(options, "security_barrier="+schema.Literal(v.SecurityBarrier))
	}
	if v.SecurityInvoker != "" {
		options = append(options, "security_invoker="+schema.Literal(v.SecurityInvoker))
	}
	if len(options) > 0 {
		sql += " WITH (" + strings.Join(options, ", ") + ")"
	}
	sql += " AS\n" + v.Query
	if v.CheckOption != "" {
		sql += "\nWITH " + v.CheckOption + " CHECK OPTION"
	}
	return sql
}

// columnNames lists the names of the columns only where the query has not been through the engine, which puts
// them into the query itself.
func (p *planning) columnNames(columns []schema.ViewColumn) string {
	if !p.opts.Lenient || len(columns) == 0 {
		return ""
	}
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.Name
	}
	return " (" + schema.QuoteAll(names) + ")"
}

var materializedRules = kindRules{
	create: func(p *planning, o schema.Object) []string {
		v := o.(*schema.Materialized)
		sql := "CREATE MATERIALIZED VIEW " + v.ID().SQL() + p.columnNames(v.Columns)
		if v.AccessMethod != "" {
			sql += " USING " + schema.Quote(v.AccessMethod)
		}
		if len(v.StorageParams) > 0 {
			sql += " WITH (" + paramList(v.StorageParams) + ")"
		}
		if v.Tablespace != "" {
			sql += " TABLESPACE " + schema.Quote(v.Tablespace)
		}
		sql += " AS\n" + v.Query
		if v.NoData {
			sql += "\nWITH NO DATA"
		}
		return append([]string{sql}, p.materializedColumns(v, &schema.Materialized{Columns: plainColumns(v.Columns)})...)
	},
	drop: func(_ *planning, o schema.Object) []string {
		return []string{"DROP MATERIALIZED VIEW " + o.ID().SQL()}
	},
	replaces: func(_ *planning, before, after schema.Object) bool {
		from, to := before.(*schema.Materialized), after.(*schema.Materialized)
		return from.Query != to.Query || len(from.Columns) != len(to.Columns) || !extends(from.Columns, to.Columns)
	},
	alter: alterMaterialized,
}

// plainColumns are the columns as a new materialized view has them.
func plainColumns(columns []schema.ViewColumn) []schema.ViewColumn {
	out := make([]schema.ViewColumn, len(columns))
	for i, c := range columns {
		out[i] = schema.ViewColumn{Name: c.Name, Type: c.Type, Collation: c.Collation}
	}
	return out
}

// materializedColumns writes the settings in which the columns differ from those of from.
func (p *planning) materializedColumns(to, from *schema.Materialized) []string {
	var out []string
	for i, c := range to.Columns {
		old := from.Columns[i]
		prefix := "ALTER MATERIALIZED VIEW " + to.ID().SQL() + " ALTER COLUMN " + schema.Quote(c.Name)
		out = append(out, p.columnSettings(prefix, settingsColumn(old), settingsColumn(c))...)
	}
	return out
}

func settingsColumn(c schema.ViewColumn) *schema.Column {
	return &schema.Column{Type: c.Type, Storage: c.Storage, Compression: c.Compression, Statistics: c.Statistics, Options: c.Options}
}

func alterMaterialized(p *planning, before, after schema.Object) ([]string, error) {
	from, to := before.(*schema.Materialized), after.(*schema.Materialized)
	prefix := "ALTER MATERIALIZED VIEW " + to.ID().SQL()
	var out []string
	if from.AccessMethod != to.AccessMethod {
		out = append(out, prefix+" SET ACCESS METHOD "+orDefault(to.AccessMethod, "heap"))
	}
	if from.Tablespace != to.Tablespace {
		out = append(out, prefix+" SET TABLESPACE "+orDefault(to.Tablespace, "pg_default"))
	}
	out = append(out, alterParams(prefix, from.StorageParams, to.StorageParams)...)
	out = append(out, p.materializedColumns(to, from)...)
	if from.NoData != to.NoData {
		word := ""
		if to.NoData {
			word = " WITH NO DATA"
		}
		out = append(out, "REFRESH MATERIALIZED VIEW "+to.ID().SQL()+word)
	}
	probe := *from
	probe.AccessMethod, probe.Tablespace, probe.StorageParams = to.AccessMethod, to.Tablespace, to.StorageParams
	probe.Columns, probe.NoData = to.Columns, to.NoData
	return out, complete(&probe, to)
}
