package inspect

import "github.com/pleatdb/pleat/schema"

// Settings lists what a session must set so that PostgreSQL (13 to 18) prints types and expressions as this package reads
// them. A session that gives texts of the model back to the server needs them too: literals of dates,
// intervals and money read according to some of them.
func Settings() []schema.Param {
	return []schema.Param{
		// Last in the path, temporary objects cannot hide what the queries mean.
		{Name: "search_path", Value: "pg_catalog, pg_temp"},
		{Name: "quote_all_identifiers", Value: "off"},
		{Name: "standard_conforming_strings", Value: "on"},
		{Name: "DateStyle", Value: "ISO, YMD"},
		{Name: "IntervalStyle", Value: "postgres"},
		{Name: "TimeZone", Value: "UTC"},
		{Name: "lc_monetary", Value: "C"},
		{Name: "extra_float_digits", Value: "1"},
		{Name: "bytea_output", Value: "hex"},
		{Name: "xmloption", Value: "content"},
	}
}

// speed keeps the executor from preparing for more rows than catalogs ever have.
var speed = []schema.Param{
	{Name: "jit", Value: "off"},
	{Name: "max_parallel_workers_per_gather", Value: "0"},
}
