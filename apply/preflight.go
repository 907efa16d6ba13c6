package apply

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/pleatdb/pleat/history/migration"
	"github.com/pleatdb/pleat/schema/sqltext"
)

// preflight checks, before anything runs, what the pending migrations expect of the schema and of the rows.
func (s *session) preflight(ctx context.Context, t *target, units []*unit) (found, deferred []Checked, err error) {
	earlier := newReach()
	var errs []error
	for _, u := range units {
		if u.begun() {
			earlier.add(u.Migration)
			continue
		}
		// What an earlier pending file changes can only be compared when it is this one's turn.
		if u.Bounded() && !earlier.meets(u.Migration) {
			errs = append(errs, scopeBefore(t, u.Migration))
		}
		earlier.add(u.Migration)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, nil, err
	}
	return s.checkAll(ctx, units)
}

// checkAll runs every check in one read-only transaction, each for a limited time, and returns those that found rows and those that
// could not be decided now.
func (s *session) checkAll(ctx context.Context, units []*unit) (found, deferred []Checked, err error) {
	tx, err := s.conn.BeginTx(ctx, pgx.TxOptions{AccessMode: pgx.ReadOnly})
	if err != nil {
		return nil, nil, fmt.Errorf("run preflight checks: %w", err)
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }()
	limit := s.opts.checkTimeout()
	if err := s.set(ctx, true, setting{"statement_timeout", fmt.Sprintf("%dms", limit.Milliseconds())}); err != nil {
		return nil, nil, err
	}
	var filled []sqltext.Name
	for i, u := range units {
		for _, step := range u.Steps[min(u.stepsDone(), len(u.Steps)):] {
			for _, c := range u.checksOf(&step) {
				when := beforehand
				if i > 0 || step.Number > 1 {
					when = early
				}
				result, err := s.check(ctx, u.Migration, &step, c, when)
				if err != nil {
					return nil, nil, err
				}
				result.Filling = result.Count > 0 && mentions(c.Query.SQL, filled)
				s.opts.observe(result)
				switch {
				case result.Reason() != "":
					deferred = append(deferred, result)
				case result.Count > 0:
					found = append(found, result)
				}
			}
			filled = append(filled, fills(&step)...)
		}
	}
	return found, deferred, nil
}

// checksOf are the checks of a pending step; none of one in batches that has begun, as they were made before it did.
func (u *unit) checksOf(step *migration.Step) []migration.Check {
	if u.record != nil && u.record.InDoubt != nil && !u.record.InDoubt.Refused && u.record.InDoubt.Step == step.Number && step.Batch != nil {
		return nil
	}
	return step.Checks
}

// fills is the table whose rows a pending step changes in batches.
func fills(step *migration.Step) []sqltext.Name {
	if step.Batch == nil {
		return nil
	}
	table, err := sqltext.ParseName(step.Batch.Table)
	if err != nil { // the file was read, so its name was too
		return nil
	}
	return []sqltext.Name{table}
}

// mentions reports whether a query reads one of the tables, or may.
func mentions(sql string, tables []sqltext.Name) bool {
	if len(tables) == 0 {
		return false
	}
	refs := sqltext.References(sql)
	return !refs.Complete || slices.ContainsFunc(refs.Relations, func(n sqltext.Name) bool {
		return slices.ContainsFunc(tables, func(t sqltext.Name) bool {
			return n.Name == t.Name && (n.Schema == t.Schema || n.Schema == "" || t.Schema == "")
		})
	})
}

const (
	// shown is how many of the rows that a check finds are shown.
	shown = 3
	// mostCounted is how many of them are counted.
	mostCounted = 100_000
)

// checkTime is when a check runs.
type checkTime int

const (
	withStep   checkTime = iota // in the step's own transaction: it must come to an end
	beforehand                  // before the run
	early                       // before the run, and what it names may be what an earlier step is still to create
)

// check runs one check inside a transaction.
func (s *session) check(ctx context.Context, m *migration.Migration, step *migration.Step, c migration.Check, when checkTime) (Checked, error) {
	out := Checked{Migration: m, Step: step.Number, Message: c.Message}
	if _, err := s.exec(ctx, "SAVEPOINT pleat_check"); err != nil {
		return out, fmt.Errorf("run preflight checks: %w", err)
	}
	if m.Generated {
		if err := s.set(ctx, true, setting{"search_path", ""}); err != nil {
			return out, err
		}
	}
	err := s.count(ctx, c.Query.SQL, &out)
	if _, back := s.exec(ctx, "ROLLBACK TO SAVEPOINT pleat_check"); back != nil {
		return out, fmt.Errorf("run preflight checks: %w", errors.Join(err, back))
	}
	switch state := sqlState(err); {
	case err == nil:
		return out, nil
	case when == early && missing(state):
		out.Later = true
		return out, nil
	case when != withStep && state == "57014" && ctx.Err() == nil:
		out.AtLeast, out.Unfinished = true, out.Count == 0
		return out, nil
	}
	e := newStepError(m, c.Query, err)
	e.Step, e.Title, e.Next = step.Number, "check: "+c.Message, "mend the check's query, or delete the check"
	return out, e
}

// count opens a cursor, so that of many rows only a few travel, and not all are gone through.
func (s *session) count(ctx context.Context, sql string, out *Checked) error {
	if _, err := s.exec(ctx, "DECLARE pleat_check NO SCROLL CURSOR FOR "+sql); err != nil {
		return err
	}
	// One at a time: the server sends what a FETCH finds once it has all of it, and the time may be up before that.
	for out.Count < shown {
		rows, err := s.conn.PgConn().Exec(ctx, "FETCH 1 FROM pleat_check").ReadAll()
		if err != nil {
			return err
		}
		if len(rows) == 0 || len(rows[0].Rows) == 0 {
			return nil
		}
		fields := make([]string, 0, len(rows[0].Rows[0]))
		for _, v := range rows[0].Rows[0] {
			fields = append(fields, cell(v))
		}
		out.Rows = append(out.Rows, "("+strings.Join(fields, ", ")+")")
		out.Count++
	}
	tag, err := s.exec(ctx, fmt.Sprintf("MOVE FORWARD %d FROM pleat_check", mostCounted-shown))
	out.Count += tag.RowsAffected()
	out.AtLeast = out.Count >= mostCounted
	return err
}

// cell shortens a value for display.
func cell(v []byte) string {
	if v == nil {
		return "NULL"
	}
	const most = 60
	if r := []rune(string(v)); len(r) > most {
		return string(r[:most]) + "…"
	}
	return string(v)
}

// missing reports whether an error may come from something that does not exist yet, or not in its later form (class 42,
// PostgreSQL, Appendix A). Wrong syntax is wrong at any time.
func missing(state string) bool {
	return state == "3F000" || strings.HasPrefix(state, "42") && state != "42601" && state != "42501"
}
