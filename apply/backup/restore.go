package backup

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/pleatdb/pleat/apply"
	"github.com/pleatdb/pleat/history"
	"github.com/pleatdb/pleat/schema"
	"github.com/pleatdb/pleat/schema/sqltext"
)

// Request says what is to come back.
type Request struct {
	Run string
	// Table restores one table only, as SQL writes its name; empty means all.
	Table string
	// Into puts tables into this schema, which is made where it is not there, in the place of the tables themselves.
	Into string
	// AcceptDataLoss overwrites rows that changed since the run.
	AcceptDataLoss bool
}

// Plan is the way back, and once it ran what was done.
type Plan struct {
	Run      string
	Manifest *Manifest
	// Dir is empty where the backup's files are not here.
	Dir    string
	Tables []TablePlan
	// Notes are ways back that nobody but a person can go: a recovery to a point in time, the user's own command.
	Notes []string
	// NotCovered is what does not come back.
	NotCovered []string
}

// TablePlan is what happens to one table.
type TablePlan struct {
	Table string
	// From is "copy" for the rows in the database and "archive" for the dump.
	From string
	// Into is the table beside, as SQL writes it; empty where the table's own rows are put back. Why says why it is beside although nobody asked.
	Into, Why string
	// Columns are those that come back.
	Columns []string
	// Update, Insert and Same count the rows of the backup: to change, to add, and as they are. Gone have no row any more, and the backup holds only some of their columns.
	Update, Insert, Same, Gone int64
	// Later are rows of the table that came after the backup; they stay.
	Later int64
	// Changed are those of Update that somebody changed after the run, with the keys of the first.
	Changed     int64
	ChangedKeys []string
	// SQL is what runs.
	SQL []string

	backup *TableBackup
	live   *table
}

// restoring is one restore on its way.
type restoring struct {
	*Restorer
	req   Request
	conn  *pgx.Conn
	tx    pgx.Tx
	w     *world
	entry *Entry
	plan  *Plan
}

// Plan says what a restore would do. Nothing is changed.
func (r *Restorer) Plan(ctx context.Context, req Request) (*Plan, error) {
	return r.restore(ctx, req, false)
}

// Run restores in one transaction, with its row in the log.
func (r *Restorer) Run(ctx context.Context, req Request) (*Plan, error) {
	return r.restore(ctx, req, true)
}

func (r *Restorer) restore(ctx context.Context, req Request, run bool) (*Plan, error) {
	conn, err := r.Connect(ctx)
	if err != nil {
		return nil, err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	s := &restoring{Restorer: r, req: req, conn: conn}
	if s.entry, err = r.find(ctx, conn, req.Run); err != nil {
		return nil, err
	}
	mode := pgx.TxOptions{AccessMode: pgx.ReadOnly}
	if run {
		mode.AccessMode = pgx.ReadWrite
	}
	err = pgx.BeginTxFunc(ctx, conn, mode, func(tx pgx.Tx) error {
		s.tx = tx
		if err := s.prepare(ctx, run); err != nil || !run {
			return err
		}
		return s.execute(ctx)
	})
	if err != nil {
		return nil, fmt.Errorf("restore: %w", err)
	}
	return s.plan, nil
}

// prepare makes the plan within the transaction; what is to be changed is locked first when it will run.
func (s *restoring) prepare(ctx context.Context, lock bool) (err error) {
	if err := plainText(ctx, s.tx); err != nil {
		return err
	}
	if lock {
		if err := s.alone(ctx); err != nil {
			return err
		}
	}
	if s.w, err = readWorld(ctx, s.tx, []string{"public"}); err != nil {
		return err
	}
	chosen, err := s.chosen()
	if err != nil {
		return err
	}
	s.plan = &Plan{Run: s.entry.Run, Manifest: s.entry.Manifest, Dir: s.entry.Dir, Notes: s.notes(), NotCovered: s.entry.NotCovered}
	for _, t := range s.ordered(chosen) {
		p, err := s.planTable(ctx, t, lock)
		if err != nil {
			return err
		}
		if p != nil {
			s.plan.Tables = append(s.plan.Tables, *p)
		}
	}
	return nil
}

// alone makes sure that no run is at work on the database meanwhile, and keeps others from beginning one.
func (s *restoring) alone(ctx context.Context) error {
	busy := &Error{Doing: "take the lock", Reason: "another run is at work on this database", Next: "see who: pleat lock status"}
	var taken bool
	err := s.tx.QueryRow(ctx, "SELECT pg_catalog.pg_try_advisory_xact_lock($1)", apply.LockKey(s.conn.Config().Database, s.Scope)).Scan(&taken)
	if err != nil {
		return fmt.Errorf("take the lock: %w", err)
	}
	if !taken {
		return busy
	}
	// A lease shows in its row alone.
	there, err := history.Open(s.conn).Exists(ctx)
	if err != nil || !there {
		return err
	}
	state, err := apply.ReadLock(ctx, s.conn, s.Scope)
	if err == nil && state.Row.Live() {
		err = busy
	}
	return err
}

// chosen are the tables that were asked for.
func (s *restoring) chosen() ([]*TableBackup, error) {
	var out []*TableBackup
	var names []string
	want, err := sqltext.Name{}, error(nil)
	if s.req.Table != "" {
		if want, err = sqltext.ParseName(s.req.Table); err != nil {
			return nil, fmt.Errorf("read the name of the table: %w", err)
		}
	}
	for i := range s.entry.Tables {
		t := &s.entry.Tables[i]
		names = append(names, schema.Qualified(t.Schema, t.Name))
		if s.req.Table == "" || t.Name == want.Name && (want.Schema == "" || t.Schema == want.Schema) {
			out = append(out, t)
		}
	}
	if s.req.Table != "" && len(out) != 1 {
		return nil, &Error{Doing: "find the table in the backup", Reason: fmt.Sprintf("%d tables are called %s", len(out), s.req.Table),
			Next: "it holds " + strings.Join(names, ", ")}
	}
	return out, nil
}

// ordered puts referenced tables before those that reference them, so that rows find what they point to.
func (s *restoring) ordered(tables []*TableBackup) []*TableBackup {
	rank := map[*table]int{}
	var visit func(t *table, seen []*table) int
	visit = func(t *table, seen []*table) int {
		deepest := 0
		for parent, refs := range s.w.refs {
			if parent == t || slices.Contains(seen, parent) || !slices.ContainsFunc(refs, func(r reference) bool { return r.from == t }) {
				continue
			}
			deepest = max(deepest, 1+visit(parent, append(seen, t)))
		}
		return deepest
	}
	for _, b := range tables {
		if t := s.live(b); t != nil {
			rank[t] = visit(t, nil)
		}
	}
	out := slices.Clone(tables)
	slices.SortStableFunc(out, func(a, b *TableBackup) int { return rank[s.live(a)] - rank[s.live(b)] })
	return out
}

// live is the table as it is now, by its name; nil where it is not there.
func (s *restoring) live(b *TableBackup) *table {
	t := s.w.names[sqltext.Name{Schema: b.Schema, Name: b.Name}]
	if t == nil || t.kind != "r" && t.kind != "p" {
		return nil
	}
	return t
}

// notes are the ways back that need a person.
func (s *restoring) notes() (out []string) {
	m := s.entry.Manifest
	if p := m.Point; p != nil {
		out = append(out, fmt.Sprintf("to recover the whole cluster to the moment before the run: restore a base backup with recovery_target_name = %s (LSN %s), and recovery_target_action = 'pause' to look first (%s)",
			schema.Literal(p.Name), p.LSN, p.Why))
	} else if m.LSN != "" && !m.At.IsZero() {
		out = append(out, fmt.Sprintf("to recover the whole cluster to the moment before the run: recovery_target_lsn = '%s', or recovery_target_time = '%s'", m.LSN, m.At.Format("2006-01-02 15:04:05.000000-07")))
	}
	if m.Program != "" {
		out = append(out, "what the command "+m.Program+" saved comes back by its own means")
	}
	for _, f := range m.Files {
		if s.entry.Dir != "" && f.Kind == "schema" {
			out = append(out, fmt.Sprintf("the whole schema as it was: pg_restore --file=schema.sql %s", shellQuote(s.entry.Dir+"/"+f.Name)))
		}
	}
	return out
}

// shellQuote writes a word for a POSIX shell.
func shellQuote(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }

// execute runs the plan.
func (s *restoring) execute(ctx context.Context) error {
	var refused []error
	for i := range s.plan.Tables {
		t := &s.plan.Tables[i]
		if t.Changed > 0 && !s.req.AcceptDataLoss {
			refused = append(refused, &Error{Doing: "restore " + t.Table,
				Reason: fmt.Sprintf("%d rows were changed after the run, the first with the key %s", t.Changed, strings.Join(t.ChangedKeys, "; ")),
				Next:   "look with --dry-run; restore beside with --into SCHEMA, or overwrite them with --accept-data-loss"})
		}
	}
	if len(refused) > 0 {
		return errors.Join(refused...)
	}
	if len(s.plan.Tables) == 0 {
		return nil
	}
	for i := range s.plan.Tables {
		t := &s.plan.Tables[i]
		s.Progress("restoring " + t.Table)
		if err := s.executeTable(ctx, t); err != nil {
			return fmt.Errorf("restore %s: %w", t.Table, err)
		}
	}
	return s.record(ctx, s.conn, s.tx, s.plan)
}

func (s *restoring) executeTable(ctx context.Context, t *TablePlan) error {
	for _, sql := range t.SQL {
		if _, err := s.tx.Exec(ctx, sql); err != nil {
			return err
		}
	}
	if t.Into != "" && s.req.Into == "" {
		err := errors.Join(ownerOnly(ctx, s.tx, "SCHEMA", schema.Quote(s.into())), ownerOnly(ctx, s.tx, "TABLE", t.Into))
		if err != nil {
			return err
		}
	}
	if t.From == "archive" {
		return s.load(ctx, t)
	}
	return nil
}
