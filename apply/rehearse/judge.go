package rehearse

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/pleatdb/pleat/apply"
	"github.com/pleatdb/pleat/history/migration"
	"github.com/pleatdb/pleat/schema"
	"github.com/pleatdb/pleat/schema/sqltext"
)

// written says which tables a migration's statements change by name, as qualified names; opaque is set when some statement runs code whose
// reach is not known.
type written struct {
	tables map[string]bool
	opaque bool
}

func writtenBy(m *migration.Migration) written {
	w := written{tables: map[string]bool{}}
	for _, step := range m.Steps {
		for _, s := range step.Statements {
			reach := sqltext.Touched(s.SQL)
			w.opaque = w.opaque || !reach.Bounded
			for _, t := range reach.Objects {
				if t.Verb == sqltext.Write || t.Verb == sqltext.Drop {
					w.tables[schema.Qualified(t.Schema, t.Name)] = true
				}
			}
		}
	}
	return w
}

// has reports whether the table is among them; a name without a schema may be in any.
func (w written) has(id schema.ID) bool {
	return w.tables[schema.Qualified(id.Schema, id.Name)] || w.tables[schema.Quote(id.Name)]
}

// declared reports whether the file says that the difference is a loss it means.
func declared(m *migration.Migration, d difference) bool {
	texts := slices.Clone(m.Destructive)
	for _, u := range m.Down {
		texts = append(texts, u.Loses...)
	}
	if !m.Generated {
		return len(texts) > 0
	}
	// A generated file names the objects.
	return slices.ContainsFunc(texts, func(text string) bool {
		return strings.Contains(text, d.table.Path()) || d.column != "" && strings.Contains(text, schema.ColumnID(d.table, d.column).Path())
	})
}

// judgeUp decides about what differs after a migration went in.
func (r *Result) judgeUp(m *migration.Migration, passage Passage, differences []difference) {
	w := writtenBy(m)
	for _, d := range differences {
		asked := w.has(d.table)
		switch {
		case d.what == "more" || d.what == "retyped":
		case d.what == "gone":
			r.notef("%s: %s", m.File(), d)
		case asked || declared(m, d) || d.what == "changed" && w.opaque:
			r.notef("%s: %s, as its statements say", m.File(), d)
		default:
			r.fail("rows", m.File(), 0, "%s after the way %s, and no statement says so", d, passage)
		}
	}
}

// judgeBack decides about what differs from before a migration once it was taken back.
func (r *Result) judgeBack(m *migration.Migration, differences []difference) {
	w := writtenBy(m)
	for _, d := range differences {
		switch {
		case d.what == "more" || declared(m, d):
			r.notef("%s: after the way back, %s", m.File(), d)
		case d.what == "changed" && (w.has(d.table) || w.opaque):
			r.notef("%s: after the way back, %s; the way up fills them", m.File(), d)
		default:
			r.fail("rows", m.File(), 0, "the way back loses what was there: %s", d)
		}
	}
}

// judgeState compares the structure with what it has to be.
func (r *Result) judgeState(m *migration.Migration, when string, want, have *schema.Catalog) {
	if want.Fingerprint() == have.Fingerprint() {
		return
	}
	differences := apply.Compare(want, have)
	const shown = 5
	var names []string
	for _, d := range differences[:min(len(differences), shown)] {
		what := " differs"
		switch {
		case d.Gone:
			what = " is missing"
		case d.New:
			what = " is left over"
		}
		names = append(names, d.ID.String()+what)
	}
	if n := len(differences) - shown; n > 0 {
		names = append(names, fmt.Sprintf("and %d more", n))
	}
	if len(names) == 0 {
		names = []string{"what depends on what differs"}
	}
	r.fail("state", m.File(), 0, "%s: %s", when, strings.Join(names, ", "))
}

// judgeBudgets holds each step against the budgets.
func (r *Result) judgeBudgets(o *Options) {
	for _, f := range r.Files {
		for _, s := range f.Steps {
			where := "up"
			switch s.Passage {
			case Down:
				where = "on the way back"
			case Again:
				where = "the second time"
			}
			if o.MaxStep > 0 && s.Duration > o.MaxStep && !s.Batched {
				r.fail("max-step", f.Migration.File(), s.Number, "took %.2f s %s, the budget is %s", s.Duration.Seconds(), where, o.MaxStep)
			}
			if o.MaxLock > 0 && s.Lock.Held > o.MaxLock {
				r.fail("max-lock", f.Migration.File(), s.Number, "held %s on %s for %.2f s %s, the budget is %s", s.Lock.Mode, s.Lock.Relation,
					s.Lock.Held.Seconds(), where, o.MaxLock)
			}
		}
	}
}

// failed turns an error of the applier into a reason.
func (r *Result) failed(code string, m *migration.Migration, err error) {
	var step *apply.StepError
	var check *apply.CheckError
	switch {
	case errors.As(err, &check):
		for _, c := range check.Checks {
			text := fmt.Sprintf("%s: %d rows of the copy", c.Message, c.Count)
			if r.Source == Generate && !slices.ContainsFunc(r.Checks, func(t apply.Checked) bool { return t.Message == c.Message && t.Step == c.Step }) {
				text += "; those were made, and the target has none: rehearse with --rows sample"
			}
			r.fail("check", c.Migration.File(), c.Step, "%s", text)
		}
	case errors.As(err, &step):
		r.fail(code, m.File(), step.Step, "%s", serverWords(err))
	default:
		r.fail(code, m.File(), 0, "%s", serverWords(err))
	}
}

// serverWords is an error without values of rows: the server quotes them in details, and in messages about values that do not fit (class 22).
func serverWords(err error) string {
	var pg *pgconn.PgError
	if !errors.As(err, &pg) {
		return oneLine(err.Error())
	}
	message := pg.Message
	if strings.HasPrefix(pg.Code, "22") {
		message, _, _ = strings.Cut(message, ": \"")
	}
	return oneLine(fmt.Sprintf("%s (SQLSTATE %s)", message, pg.Code))
}
