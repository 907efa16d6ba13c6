package shadow

import (
	"context"
	"fmt"

	"github.com/pleatdb/pleat/planner"
	"github.com/pleatdb/pleat/schema"
)

// Trace measures what scripts do to a running database with the live state, which nil leaves empty. The result has, for
// each script, one effect for each of its statements. What a file creates is not in the effects of that file.
//
// Where a statement fails, the error wraps an [*ObjectError] with its text, and the result holds what was measured until then:
// the lists of the scripts behind it are empty, and that of its own script is shorter than the script.
func (s *Shadow) Trace(ctx context.Context, live *schema.Catalog, scripts []Script) ([][]planner.Effect, error) {
	out := make([][]planner.Effect, len(scripts))
	if len(scripts) == 0 {
		return out, nil
	}
	d, drop, err := s.scratch(ctx)
	if err != nil {
		return out, err
	}
	defer drop()
	if live != nil {
		if err := d.build(ctx, live); err != nil {
			return out, fmt.Errorf("rebuild the live state on the shadow: %w", err)
		}
	}
	t, err := d.trace(ctx)
	if err != nil {
		return out, err
	}
	for i, script := range scripts {
		if i > 0 && script.File != scripts[i-1].File {
			if err := t.renew(ctx); err != nil {
				return out, err
			}
		}
		if out[i], err = t.script(ctx, script); err != nil {
			return out, fmt.Errorf("measure %s, step %d, on the shadow: %w", script.File, script.Step, err)
		}
	}
	return out, nil
}

// script measures the statements of one script. The result holds what was measured before an error.
func (t *tracer) script(ctx context.Context, script Script) ([]planner.Effect, error) {
	if script.Transactional {
		return t.d.inTransaction(ctx, script.statements(), t)
	}
	var out []planner.Effect
	for _, s := range script.statements() {
		e, err := t.single(ctx, s)
		if err != nil {
			return out, err
		}
		out = append(out, e)
	}
	return out, nil
}

// single measures a statement of a script that manages its transactions itself.
func (t *tracer) single(ctx context.Context, s planner.Statement) (planner.Effect, error) {
	if t.d.conn.PgConn().TxStatus() == 'I' {
		return t.alone(ctx, s)
	}
	t.heard = nil
	if err := t.d.exec(ctx, s); err != nil {
		return planner.Effect{}, err
	}
	if t.d.conn.PgConn().TxStatus() != 'T' { // it was COMMIT or ROLLBACK, after which the files of relations may be the old ones
		return planner.Effect{}, t.refresh(ctx)
	}
	return t.measure(ctx, s.SQL)
}

// refresh reads the known relations again.
func (t *tracer) refresh(ctx context.Context) error {
	now, err := t.relations(ctx)
	for oid := range t.known {
		if r, ok := now[oid]; ok {
			t.known[oid], t.names[r.id.Name] = r, true
		}
	}
	return err
}
