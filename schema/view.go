package schema

// View is a view. Column defaults are objects of their own.
type View struct {
	Schema string
	Name   string
	// Columns are what the query yields; the engine fills in the types.
	Columns []ViewColumn
	// Query is what pg_get_viewdef prints, without the final semicolon.
	Query string
	// CheckOption is "", LOCAL or CASCADED.
	CheckOption string
	// SecurityBarrier and SecurityInvoker are options as they are stored (pg_class.reloptions), in the user's
	// spelling: "true" or "on" and so on, because pg_dump prints the spelling; empty where not set. HCL's true is "true".
	SecurityBarrier string
	// SecurityInvoker makes the view check the caller's rights (PostgreSQL 15).
	SecurityInvoker string
}

// ViewColumn is an output column of a view.
type ViewColumn struct {
	Name string
	Type string
	// Collation is the qualified, quoted name of a collation that is not the type's own; usually empty.
	Collation string
	// Statistics, Storage, Compression and Options are of materialized views only, as in [Column].
	Statistics  *int
	Storage     string
	Compression string
	Options     []Param
}

// ID implements [Object].
func (v *View) ID() ID { return ID{Kind: KindView, Schema: v.Schema, Name: v.Name} }
func (*View) object()  {}

// Materialized is a materialized view.
type Materialized struct {
	Schema        string
	Name          string
	Columns       []ViewColumn
	Query         string
	AccessMethod  string
	Tablespace    string
	StorageParams []Param
	// NoData is a view that was never filled, WITH NO DATA.
	NoData bool
}

// ID implements [Object].
func (v *Materialized) ID() ID {
	return ID{Kind: KindMaterialized, Schema: v.Schema, Name: v.Name}
}
func (*Materialized) object() {}
