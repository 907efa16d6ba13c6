package apply

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/pleatdb/pleat/history/migration"
)

// preflight checks, before anything runs, what the pending migrations expect of the schema and of the rows.
func (s *session) preflight(ctx context.Context, t *target, units []*unit) ([]Checked, error) {
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
		return nil, err
	}
	return s.checkAll(ctx, units)
}

// checkAll runs every check in one read-only transaction and returns those that found rows.
func (s *session) checkAll(ctx context.Context, units []*unit) ([]Checked, error) {
	tx, err := s.conn.BeginTx(ctx, pgx.TxOptions{AccessMode: pgx.ReadOnly})
	if err != nil {
		return nil, fmt.Errorf("run preflight checks: %w", err)
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }()
	var found []Checked
	for i, u := range units {
		for _, step := range u.Steps[min(u.stepsDone(), len(u.Steps)):] {
			for _, c := range step.Checks {
				result, err := s.check(ctx, u.Migration, &step, c, i > 0 || step.Number > 1)
				if err != nil {
					return nil, err
				}
				s.opts.observe(result)
				if result.Count > 0 {
					found = append(found, result)
				}
			}
		}
	}
	return found, nil
}

// shown is how many of the rows that a check finds are shown.
const shown = 3

// check runs one check inside a transaction. Where early is set, a check that names what does not exist yet is put off.
func (s *session) check(ctx context.Context, m *migration.Migration, step *migration.Step, c migration.Check, early bool) (Checked, error) {
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
	if err == nil {
		return out, nil
	}
	if early && missing(sqlState(err)) {
		out.Later = true
		return out, nil
	}
	e := newStepError(m, c.Query, err)
	e.Step, e.Title, e.Next = step.Number, "check: "+c.Message, "mend the check's query, or delete the check"
	return out, e
}

// count opens a cursor, so that of many rows only a few travel.
func (s *session) count(ctx context.Context, sql string, out *Checked) error {
	if _, err := s.exec(ctx, "DECLARE pleat_check NO SCROLL CURSOR FOR "+sql); err != nil {
		return err
	}
	results := s.conn.PgConn().Exec(ctx, fmt.Sprintf("FETCH %d FROM pleat_check", shown))
	for results.NextResult() {
		reader := results.ResultReader()
		for reader.NextRow() {
			fields := make([]string, 0, len(reader.Values()))
			for _, v := range reader.Values() {
				fields = append(fields, cell(v))
			}
			out.Rows = append(out.Rows, "("+strings.Join(fields, ", ")+")")
		}
	}
	if err := results.Close(); err != nil {
		return err
	}
	tag, err := s.exec(ctx, "MOVE FORWARD ALL FROM pleat_check")
	out.Count = int64(len(out.Rows)) + tag.RowsAffected()
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
