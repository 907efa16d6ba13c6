package rows

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/pleatdb/pleat/schema"
	"github.com/pleatdb/pleat/schema/sqltext"
)

// pool is a list of values that the server has found to fit, kept in the temporary table pleat_pool as text.
type pool struct{ id, size int }

// pick is an expression for the value of a number, which counts from 1. It is text.
func (p pool) pick(number string) string {
	if p.size == 0 {
		return "NULL"
	}
	return fmt.Sprintf("(SELECT p.v FROM pg_temp.pleat_pool p WHERE p.id = %d AND p.n = ((%s) - 1) %% %d)", p.id, number, p.size)
}

// poolTables sets up what pools need: their table, the candidates of one pool, and a cast that gives NULL in the place of an error.
const poolTables = `
CREATE TEMPORARY TABLE pleat_pool (id int, n bigint, v text, PRIMARY KEY (id, n));
CREATE TEMPORARY TABLE pleat_guess (place bigserial, v text);
CREATE FUNCTION pg_temp.pleat_try(v text, format text) RETURNS text LANGUAGE plpgsql AS $try$
DECLARE out text;
BEGIN
	EXECUTE pg_catalog.format('SELECT CAST(%L AS %s)::text', v, format) INTO out;
	RETURN out;
EXCEPTION WHEN OTHERS THEN RETURN NULL;
END $try$;
CREATE FUNCTION pg_temp.pleat_passes(v text, format text, name text, condition text) RETURNS boolean LANGUAGE plpgsql AS $try$
DECLARE out boolean;
BEGIN
	EXECUTE pg_catalog.format('SELECT (%s) IS NOT FALSE FROM (SELECT CAST(%L AS %s) AS %I) AS value_to_try', condition, v, format, name) INTO out;
	RETURN out;
EXCEPTION WHEN OTHERS THEN RETURN false;
END $try$;
`

// wanted says what the values of a pool must be.
type wanted struct {
	typ    uint32
	mod    int32
	format string
	// column is the name that checks call the value by.
	column string
	// checks are conditions on this value alone.
	checks []string
	// hints are conditions that may concern others too; their constants are tried.
	hints []sqltext.Condition
	// ofDomain is set while the values of a domain are found, which are made of those of its base.
	ofDomain bool
}

// pool collects guesses and keeps those that fit.
func (f *filler) pool(ctx context.Context, w wanted) (pool, error) {
	if _, err := f.tx.Exec(ctx, "TRUNCATE pg_temp.pleat_guess"); err != nil {
		return pool{}, err
	}
	if err := f.guess(ctx, w); err != nil {
		return pool{}, err
	}
	f.pools++
	p := pool{id: f.pools}
	condition := "true"
	if len(w.checks) > 0 {
		condition = "(" + strings.Join(w.checks, ") IS NOT FALSE AND (") + ") IS NOT FALSE"
	}
	// All at once is fast; where one of them raises an error, each is tried alone.
	together := "SELECT CAST(v AS " + w.format + ") AS " + schema.Quote(w.column) + ", place FROM pg_temp.pleat_guess OFFSET 0"
	together = "SELECT " + schema.Quote(w.column) + "::text AS v, place FROM (" + together + ") AS value_to_try WHERE " + condition
	alone := "SELECT v, place FROM (SELECT pg_temp.pleat_try(g.v, " + schema.Literal(w.format) + ") AS v, g.place FROM pg_temp.pleat_guess g) AS tried" +
		" WHERE v IS NOT NULL"
	if condition != "true" {
		alone += " AND pg_temp.pleat_passes(v, " + schema.Literal(w.format) + ", " + schema.Literal(w.column) + ", " + schema.Literal(condition) + ")"
	}
	for _, query := range []string{together, alone} {
		refused := false
		err := f.savepoint(ctx, func() error {
			tag, err := f.tx.Exec(ctx, "INSERT INTO pg_temp.pleat_pool SELECT $1::int, row_number() OVER (ORDER BY place) - 1, v FROM ("+
				"SELECT DISTINCT ON (v) v, place FROM ("+query+") AS fitting WHERE v IS NOT NULL ORDER BY v, place) AS distinct_ones", pgx.QueryExecModeExec, p.id)
			p.size = int(tag.RowsAffected())
			return err
		}, func(error) { refused = true })
		if err != nil || !refused {
			return p, err
		}
	}
	return pool{}, nil
}

// guess puts everything into pleat_guess that may fit: what the constants say, their neighbours, and the type's own values.
func (f *filler) guess(ctx context.Context, w wanted) error {
	var exact []string
	base := f.baseOf(w.typ)
	lengths := []int{}
	for _, h := range w.hints {
		switch {
		case isLength(h.Function):
			lengths = append(lengths, numbersOf(h.Values)...)
		case strings.HasPrefix(h.Operator, "~") || strings.HasPrefix(h.Operator, "!~"):
			exact = append(exact, matching(h.Operator, h.Values, f.opts.Rows, f.opts.Seed)...)
		case h.Function == "jsonb_typeof" || h.Function == "json_typeof":
			exact = append(exact, "{}", "[]", `"text"`, "1", "true", "null")
		default:
			exact = append(exact, h.Values...)
		}
	}
	if base != nil && base.category == "S" {
		exact = append(exact, ofLengths(lengths, f.opts.Rows)...)
	}
	if base != nil && base.name == "bytea" {
		for _, text := range ofLengths(lengths, f.opts.Rows) {
			exact = append(exact, `\x`+text+text)
		}
	}
	if base != nil && base.category == "A" {
		if err := f.guessArrays(ctx, base, lengths); err != nil {
			return err
		}
	}
	if err := f.addGuesses(ctx, exact, w.format); err != nil {
		return err
	}
	if base != nil {
		if err := f.neighbours(ctx, base, exact); err != nil {
			return err
		}
	}
	return f.guessNatural(ctx, w)
}

// guessNatural adds the type's own values; of a domain those of its base. Types that nothing is known of get texts that some type
// may read.
func (f *filler) guessNatural(ctx context.Context, w wanted) error {
	oid, mod := w.typ, w.mod
	if t := f.s.types[oid]; t != nil && t.kind == "d" && w.ofDomain {
		oid, mod = t.base, t.baseMod
	}
	if expr, ok := f.s.natural(oid, mod, "i"); ok {
		format := w.format
		if t := f.s.types[w.typ]; t != nil && w.ofDomain {
			format = t.baseFormat
		}
		return f.try(ctx, `INSERT INTO pg_temp.pleat_guess (v) SELECT `+cast(expr, format)+`::text
			FROM generate_series(1, $1::bigint) AS i`, min(4*f.opts.Rows, max(f.opts.Rows, 4000)))
	}
	if f.s.types[oid] == nil {
		return nil
	}
	return f.addGuesses(ctx, f.strangers(mod), w.format)
}

// strangers are texts for types of extensions; a vector's modifier is its length.
func (f *filler) strangers(mod int32) []string {
	var out []string
	for i := 1; i <= min(f.opts.Rows, 1000); i++ {
		out = append(out, fmt.Sprint(i))
		if mod > 0 && mod < 4096 {
			out = append(out, "["+strings.TrimSuffix(strings.Repeat(fmt.Sprintf("%d,", i), int(mod)), ",")+"]")
		}
		out = append(out, fmt.Sprintf("POINT(%d %d)", i%180, i%90), fmt.Sprintf("[%d,%d]", i, i+1), fmt.Sprintf("(%d,%d)", i, i))
	}
	return append(out, "{}", "[]", "")
}

// addGuesses adds texts, those alone that are values of the type.
func (f *filler) addGuesses(ctx context.Context, texts []string, format string) error {
	texts = slices.DeleteFunc(texts, func(s string) bool { return strings.ContainsRune(s, 0) })
	if len(texts) == 0 {
		return nil
	}
	_, err := f.tx.Exec(ctx, `INSERT INTO pg_temp.pleat_guess (v) SELECT v FROM pg_catalog.unnest($1::text[]) AS v
		WHERE pg_temp.pleat_try(v, $2) IS NOT NULL`, pgx.QueryExecModeExec, texts, format)
	return err
}

// steps say how to get from a constant to values near it, by the category or name of the type. %s is the constant, k a number.
var steps = map[string]string{
	"N":         "(%s::numeric + k * s)",
	"date":      "(%s::date + (k * s)::int)",
	"timestamp": "(%s::timestamp + k * s * INTERVAL '1 hour')", "timestamptz": "(%s::timestamptz + k * s * INTERVAL '1 hour')",
	"time": "(%s::time + k * s * INTERVAL '1 minute')", "interval": "(%s::interval + k * s * INTERVAL '1 minute')",
	"S": "(%s || CASE WHEN s > 0 THEN k::text ELSE '' END)", "inet": "(%s::inet + k * s)",
}

// neighbours adds values around each constant, nearest first.
func (f *filler) neighbours(ctx context.Context, base *typ, constants []string) error {
	form, ok := steps[base.name]
	if !ok {
		form, ok = steps[base.category]
	}
	if !ok || len(constants) == 0 {
		return nil
	}
	const most = 20 // constants; a check with more is a list, which needs no neighbours
	for _, c := range constants[:min(len(constants), most)] {
		sql := `INSERT INTO pg_temp.pleat_guess (v) SELECT (` + strings.ReplaceAll(form, "%s", schema.Literal(c)) + `)::text
			FROM generate_series(1, $1::bigint) AS k, unnest(ARRAY[1, -1]) AS s`
		if err := f.try(ctx, sql, max(f.opts.Rows/min(len(constants), most), 10)); err != nil {
			return err
		}
		if base.category == "N" {
			if err := f.try(ctx, `INSERT INTO pg_temp.pleat_guess (v) SELECT (`+schema.Literal(c)+`::numeric + k / 10000.0 * s)::text
				FROM generate_series(1, $1::bigint) AS k, unnest(ARRAY[1, -1]) AS s`, min(f.opts.Rows, 50)); err != nil {
				return err
			}
		}
	}
	return nil
}

// guessArrays adds arrays of the lengths that a check names.
func (f *filler) guessArrays(ctx context.Context, t *typ, lengths []int) error {
	expr, ok := f.s.natural(t.elem, -1, "(i + k)")
	if !ok {
		return nil
	}
	for _, n := range near(lengths) {
		err := f.try(ctx, `INSERT INTO pg_temp.pleat_guess (v) SELECT (SELECT pg_catalog.array_agg(`+cast(expr, f.s.types[t.elem].format)+`)
			FROM generate_series(1, `+fmt.Sprint(n)+`) AS k)::text FROM generate_series(1, $1::bigint) AS i`, f.opts.Rows)
		if err != nil {
			return err
		}
	}
	return nil
}

// baseOf is the type below all domains; nil when it is not known.
func (f *filler) baseOf(oid uint32) *typ {
	t := f.s.types[oid]
	for t != nil && t.kind == "d" {
		t = f.s.types[t.base]
	}
	return t
}

// try executes a statement whose failure means only that a guess was no value.
func (f *filler) try(ctx context.Context, sql string, args ...any) error {
	return f.savepoint(ctx, func() error {
		_, err := f.tx.Exec(ctx, sql, append([]any{pgx.QueryExecModeExec}, args...)...)
		return err
	}, func(error) {})
}
