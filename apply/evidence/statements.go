package evidence

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/pleatdb/pleat/apply"
	"github.com/pleatdb/pleat/inspect/shadow"
	"github.com/pleatdb/pleat/schema/sqltext"
)

// statements tries all statements that were called since the count began.
func (c *collector) statements(ctx context.Context, pair *shadow.Pair, g *gone) error {
	p, err := c.newProber(ctx, pair, g)
	if err != nil {
		return err
	}
	for _, s := range c.servers {
		for _, e := range s.entries {
			if e.query == "" || strings.HasPrefix(e.query, "<insufficient privilege>") {
				continue // said already
			}
			if err := p.judge(ctx, e, "statements"+s.on()); err != nil {
				return err
			}
		}
	}
	return nil
}

// prober prepares statements on both sides.
type prober struct {
	*collector
	pair  *shadow.Pair
	gone  *gone
	paths *paths
	// system are the names that are PostgreSQL's and pleat's own.
	system *system
	// known are the answers to texts that were tried already, by search_path and text.
	known map[[2]string]verdict
}

// kind is what is found out about one statement.
type kind int

const (
	fine kind = iota
	uses
	shape
	unknown
)

type verdict struct {
	kind   kind
	reason string
}

func (c *collector) newProber(ctx context.Context, pair *shadow.Pair, g *gone) (*prober, error) {
	paths, err := readPaths(ctx, c.Conn)
	if err != nil {
		return nil, err
	}
	for _, id := range append(slices.Clone(g.objects), g.columns...) {
		paths.add(id.Schema)
	}
	own, err := readSystem(ctx, pair.Before)
	if err != nil {
		return nil, err
	}
	return &prober{collector: c, pair: pair, gone: g, paths: paths, system: own, known: map[[2]string]verdict{}}, nil
}

// judge tries one statement and notes what came out.
func (p *prober) judge(ctx context.Context, e entry, source string) error {
	path := p.paths.of(e.role)
	key := [2]string{path, e.query}
	v, ok := p.known[key]
	if !ok {
		var err error
		if v, err = p.try(ctx, e.query, path); err != nil {
			return fmt.Errorf("try a statement on the throw-away server: %w", err)
		}
		p.known[key] = v
	}
	if !e.top && v.kind != fine {
		source += ", inside a function"
	}
	use := apply.Use{Query: cut(e.query), Role: e.role, Calls: e.calls, Source: source, Reason: v.reason}
	switch v.kind {
	case uses:
		p.out.Uses = append(p.out.Uses, use)
	case shape:
		p.out.Shapes = append(p.out.Shapes, use)
	case unknown:
		p.out.Unknown = append(p.out.Unknown, use)
	}
	return nil
}

// cut shortens a statement for people.
func cut(text string) string {
	const most = 300
	text = strings.Join(strings.Fields(text), " ")
	if r := []rune(text); len(r) > most {
		return string(r[:most]) + "…"
	}
	return text
}

// try decides about one text.
func (p *prober) try(ctx context.Context, recorded, path string) (verdict, error) {
	text, what := sqltext.Normalised(recorded, p.major)
	if what == sqltext.RecordedUtility || p.system.alone(text) {
		return verdict{}, nil
	}
	var refused *pgconn.PgError
	if what == sqltext.RecordedQuery {
		p.out.Statements++
		before, found, err := p.before(ctx, text, path)
		if err != nil {
			return verdict{}, err
		}
		if found != nil {
			return p.after(ctx, text, *found, before)
		}
		refused = before.refused
	}
	named := p.gone.mentioned(sqltext.Mentions(recorded), nil)
	if named == "" {
		return verdict{}, nil
	}
	reason := names(named) + ", and only running it would tell more"
	if refused != nil {
		reason = fmt.Sprintf("%s, and it could not be tried (%s)", names(named), refused.Message)
	}
	return verdict{unknown, reason}, nil
}

// attempt is how a text could be prepared: under a search_path, with types of the parameters.
type attempt struct {
	path string
	oid  uint32
}

// answer is what the server said to a text.
type answer struct {
	refused *pgconn.PgError
	fields  []pgconn.FieldDescription
}

// before looks for a way in which the live state takes a text. found is nil where there is none; the answer is then that to
// the first attempt.
func (p *prober) before(ctx context.Context, text, path string) (first answer, found *attempt, err error) {
	first, err = p.prepare(ctx, p.pair.Before, text, attempt{path: path})
	if err != nil || first.refused == nil {
		return first, &attempt{path: path}, err
	}
	for _, a := range p.others(first.refused.Code, path) {
		got, err := p.prepare(ctx, p.pair.Before, text, a)
		if err != nil {
			return first, nil, err
		}
		if got.refused == nil {
			return got, &a, nil
		}
	}
	return first, nil, nil
}

// others are further attempts after an error that they may avoid: a session may have had another search_path than its role has now,
// and what was a constant of some type is a parameter of none.
func (p *prober) others(code, path string) (out []attempt) {
	switch code {
	case "42P01", "42703", "42883", "42704", "3F000": // undefined table, column, function, object, schema
		for _, other := range p.paths.all {
			if other != path {
				out = append(out, attempt{path: other})
			}
		}
	}
	switch code {
	case "42P18", "42725", "42883", "42804", "42846", "22P02": // types that are unknown, ambiguous or do not fit
		for _, oid := range []uint32{pgtype.TextOID, pgtype.Int8OID, pgtype.TimestamptzOID, pgtype.Float8OID} {
			out = append(out, attempt{path, oid})
		}
	}
	return out
}

// after compares the answer of the contracted state with that of the live one.
func (p *prober) after(ctx context.Context, text string, a attempt, before answer) (verdict, error) {
	after, err := p.prepare(ctx, p.pair.After, text, a)
	switch {
	case err != nil:
		return verdict{}, err
	case after.refused != nil:
		return verdict{uses, after.refused.Message}, nil
	case !slices.EqualFunc(before.fields, after.fields, sameField):
		return verdict{shape, "it works on, but its result has other columns: " + difference(before.fields, after.fields)}, nil
	}
	return verdict{}, nil
}

// parameters is more than almost any statement has; those beyond get no type.
const parameters = 128

func (p *prober) prepare(ctx context.Context, conn *pgx.Conn, text string, a attempt) (answer, error) {
	if _, err := conn.Exec(ctx, "SELECT pg_catalog.set_config('search_path', $1, false)", a.path); err != nil {
		return answer{}, err
	}
	var oids []uint32
	if a.oid != 0 {
		oids = slices.Repeat([]uint32{a.oid}, parameters)
	}
	got, err := conn.PgConn().Prepare(ctx, "", text, oids)
	var refused *pgconn.PgError
	switch {
	case err == nil:
		return answer{fields: got.Fields}, nil
	case errors.As(err, &refused) && !conn.IsClosed():
		return answer{refused: refused}, nil
	}
	return answer{}, err
}

func sameField(a, b pgconn.FieldDescription) bool {
	return a.Name == b.Name && a.DataTypeOID == b.DataTypeOID
}

// difference names columns that only one side has, or whose type changes.
func difference(before, after []pgconn.FieldDescription) string {
	var out []string
	has := func(list []pgconn.FieldDescription, name string) bool {
		return slices.ContainsFunc(list, func(f pgconn.FieldDescription) bool { return f.Name == name })
	}
	for _, f := range before {
		switch {
		case !has(after, f.Name):
			out = append(out, f.Name+" goes")
		case !slices.ContainsFunc(after, func(g pgconn.FieldDescription) bool { return sameField(f, g) }):
			out = append(out, f.Name+" gets another type")
		}
	}
	for _, f := range after {
		if !has(before, f.Name) {
			out = append(out, f.Name+" comes")
		}
	}
	if len(out) == 0 {
		return "their order changes"
	}
	return strings.Join(out, ", ")
}
