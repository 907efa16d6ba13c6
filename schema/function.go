package schema

import "strings"

// Routine is what functions and procedures have in common.
type Routine struct {
	Schema   string
	Name     string
	Args     []Arg
	Language string
	// Body is the source text between the quotes (prosrc); empty where SQLBody is set.
	Body string
	// SQLBody is a body in SQL-standard form, RETURN or BEGIN ATOMIC, as pg_get_function_sqlbody prints it (PostgreSQL 14).
	SQLBody string
	// Library is the object file of a C function (probin), whose Body is then the link symbol.
	Library         string
	SecurityDefiner bool
	// Config are settings in force while the routine runs, in the order in which they were set.
	Config []Param
	// Transforms lists the types for which the routine uses transforms.
	Transforms []string
}

// Arg is a parameter of a routine, or a column of its RETURNS TABLE.
type Arg struct {
	Name string
	// Mode is "" (in), OUT, INOUT, VARIADIC or TABLE.
	Mode string
	Type string
	// Default is an expression; empty means none.
	Default string
}

// Signature is the input types joined by ", ": what tells overloaded routines apart.
func (r *Routine) Signature() string {
	var types []string
	for _, a := range r.Args {
		if a.Mode != "OUT" && a.Mode != "TABLE" {
			types = append(types, a.Type)
		}
	}
	return strings.Join(types, ", ")
}

// Function is a function, trigger functions included; window functions too.
type Function struct {
	Routine
	// Returns is the result type as pg_get_function_result prints it, without SETOF and TABLE.
	// It is empty for RETURNS TABLE and where OUT parameters alone say it.
	Returns string
	// ReturnsSet is RETURNS SETOF, or RETURNS TABLE where parameters have mode TABLE.
	ReturnsSet bool
	Window     bool
	// Volatility is IMMUTABLE or STABLE; empty for VOLATILE.
	Volatility string
	Strict     bool
	Leakproof  bool
	// Parallel is SAFE or RESTRICTED; empty for UNSAFE.
	Parallel string
	// Cost is empty for the default, which is 1 for C and internal functions and 100 for others.
	Cost string
	// Rows is empty for the default, which is 1000 for functions that return sets.
	Rows string
	// Support is the qualified name of the planner support function; usually empty.
	Support string
}

// ID implements [Object].
func (f *Function) ID() ID {
	return ID{Kind: KindFunction, Schema: f.Schema, Name: f.Name, Args: f.Signature()}
}
func (*Function) object() {}

// Procedure is a procedure.
type Procedure struct {
	Routine
}

// ID implements [Object]. Since PostgreSQL 14 OUT parameters are part of a procedure's identity when it is
// called, but not when it is dropped or altered, where the input types alone suffice.
func (p *Procedure) ID() ID {
	return ID{Kind: KindProcedure, Schema: p.Schema, Name: p.Name, Args: p.Signature()}
}
func (*Procedure) object() {}
