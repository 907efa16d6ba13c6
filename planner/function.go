package planner

import (
	"strings"

	"github.com/pleatdb/pleat/schema"
)

var functionRules = kindRules{
	create: func(_ *planning, o schema.Object) []string {
		return []string{functionDefinition("CREATE FUNCTION ", o.(*schema.Function))}
	},
	drop: func(_ *planning, o schema.Object) []string { return []string{"DROP FUNCTION " + o.ID().SQL()} },
	replaces: func(_ *planning, before, after schema.Object) bool {
		from, to := before.(*schema.Function), after.(*schema.Function)
		return from.Returns != to.Returns || from.ReturnsSet != to.ReturnsSet || from.Window != to.Window ||
			argsReplace(from.Args, to.Args)
	},
	alter: func(_ *planning, _, after schema.Object) ([]string, error) {
		return []string{functionDefinition("CREATE OR REPLACE FUNCTION ", after.(*schema.Function))}, nil
	},
	remakes: true,
}

var procedureRules = kindRules{
	create: func(_ *planning, o schema.Object) []string {
		return []string{procedureDefinition("CREATE PROCEDURE ", o.(*schema.Procedure))}
	},
	drop: func(_ *planning, o schema.Object) []string { return []string{"DROP PROCEDURE " + o.ID().SQL()} },
	replaces: func(_ *planning, before, after schema.Object) bool {
		return argsReplace(before.(*schema.Procedure).Args, after.(*schema.Procedure).Args)
	},
	alter: func(_ *planning, _, after schema.Object) ([]string, error) {
		return []string{procedureDefinition("CREATE OR REPLACE PROCEDURE ", after.(*schema.Procedure))}, nil
	},
	remakes: true,
}

// argsReplace reports whether CREATE OR REPLACE refuses the new parameters: it cannot rename one that has a name, take a
// default away, or change what is returned through OUT parameters and RETURNS TABLE.
func argsReplace(from, to []schema.Arg) bool {
	if len(from) != len(to) {
		return true
	}
	for i := range from {
		a, b := from[i], to[i]
		if a.Mode != b.Mode || a.Type != b.Type || a.Name != "" && a.Name != b.Name || a.Default != "" && b.Default == "" {
			return true
		}
		if output(a) && a.Name != b.Name {
			return true
		}
	}
	return false
}

func output(a schema.Arg) bool { return a.Mode == "OUT" || a.Mode == "TABLE" || a.Mode == "INOUT" }

// argList writes the parameters; those of mode TABLE belong to RETURNS TABLE and are left out.
func argList(args []schema.Arg) string {
	var parts []string
	for _, a := range args {
		if a.Mode == "TABLE" {
			continue
		}
		var words []string
		if a.Mode != "" {
			words = append(words, a.Mode)
		}
		if a.Name != "" {
			words = append(words, schema.Quote(a.Name))
		}
		part := strings.Join(append(words, a.Type), " ")
		if a.Default != "" {
			part += " DEFAULT " + a.Default
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, ", ")
}

func functionDefinition(word string, f *schema.Function) string {
	sql := word + schema.Qualified(f.Schema, f.Name) + "(" + argList(f.Args) + ")"
	sql += returnsClause(f) + "\n LANGUAGE " + schema.Quote(f.Language)
	sql += transforms(f.Transforms)
	if f.Window {
		sql += " WINDOW"
	}
	if f.Volatility != "" {
		sql += " " + f.Volatility
	}
	if f.Strict {
		sql += " STRICT"
	}
	if f.SecurityDefiner {
		sql += " SECURITY DEFINER"
	}
	if f.Leakproof {
		sql += " LEAKPROOF"
	}
	if f.Parallel != "" {
		sql += " PARALLEL " + f.Parallel
	}
	if f.Cost != "" {
		sql += " COST " + f.Cost
	}
	if f.Rows != "" {
		sql += " ROWS " + f.Rows
	}
	if f.Support != "" {
		sql += " SUPPORT " + f.Support
	}
	return sql + routineEnd(&f.Routine)
}

func returnsClause(f *schema.Function) string {
	var columns []string
	for _, a := range f.Args {
		if a.Mode == "TABLE" {
			columns = append(columns, strings.TrimSpace(quoteOptional(a.Name)+" "+a.Type))
		}
	}
	switch {
	case len(columns) > 0:
		return "\n RETURNS TABLE(" + strings.Join(columns, ", ") + ")"
	case f.Returns == "":
		return ""
	case f.ReturnsSet:
		return "\n RETURNS SETOF " + f.Returns
	}
	return "\n RETURNS " + f.Returns
}

func quoteOptional(name string) string {
	if name == "" {
		return ""
	}
	return schema.Quote(name)
}

func transforms(types []string) string {
	if len(types) == 0 {
		return ""
	}
	parts := make([]string, len(types))
	for i, t := range types {
		parts[i] = "FOR TYPE " + t
	}
	return " TRANSFORM " + strings.Join(parts, ", ")
}

func procedureDefinition(word string, r *schema.Procedure) string {
	sql := word + schema.Qualified(r.Schema, r.Name) + "(" + argList(r.Args) + ")"
	sql += "\n LANGUAGE " + schema.Quote(r.Language) + transforms(r.Transforms)
	if r.SecurityDefiner {
		sql += " SECURITY DEFINER"
	}
	return sql + routineEnd(&r.Routine)
}

// routineEnd writes the settings and the body.
func routineEnd(r *schema.Routine) string {
	sql := ""
	for _, c := range r.Config {
		sql += "\n SET " + paramName(c.Name) + " TO " + settingValue(c)
	}
	switch {
	case r.SQLBody != "":
		return sql + "\n" + r.SQLBody
	case r.Library != "":
		return sql + "\nAS " + schema.Literal(r.Library) + ", " + schema.Literal(r.Body)
	}
	return sql + "\nAS " + schema.DollarQuote(r.Body)
}

// listSettings are the settings whose value is a list of names, each of which is quoted by itself
// (GUC_LIST_QUOTE in guc_tables.c, 13 to 18).
var listSettings = map[string]bool{
	"local_preload_libraries": true, "search_path": true, "session_preload_libraries": true,
	"shared_preload_libraries": true, "temp_tablespaces": true, "unix_socket_directories": true,
}

// settingValue writes the value of a setting so that it is stored as it was.
func settingValue(c schema.Param) string {
	if !listSettings[strings.ToLower(c.Name)] {
		return schema.Literal(c.Value)
	}
	items := splitList(c.Value)
	for i := range items {
		items[i] = schema.Literal(items[i])
	}
	if len(items) == 0 {
		return "''"
	}
	return strings.Join(items, ", ")
}

// splitList splits a stored list of names, each of which may be quoted like an identifier.
func splitList(value string) []string {
	var out []string
	for rest := strings.TrimSpace(value); rest != ""; {
		var item string
		if strings.HasPrefix(rest, `"`) {
			item, rest = cutQuoted(rest[1:])
		} else {
			end := strings.IndexByte(rest, ',')
			if end < 0 {
				end = len(rest)
			}
			item, rest = strings.TrimSpace(rest[:end]), rest[end:]
		}
		out = append(out, item)
		rest = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(rest), ","))
	}
	return out
}

// cutQuoted reads up to the closing quote; a doubled quote stands for one.
func cutQuoted(s string) (item, rest string) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '"' {
			if i+1 >= len(s) || s[i+1] != '"' {
				return b.String(), s[i+1:]
			}
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String(), ""
}
