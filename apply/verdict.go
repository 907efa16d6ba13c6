package apply

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/pleatdb/pleat/history"
	"github.com/pleatdb/pleat/history/migration"
	"github.com/pleatdb/pleat/schema/sqltext"
)

// EvidenceState is what is known of who uses what a contract file takes away.
type EvidenceState string

// The states. Only EvidenceSafe opens the gate.
const (
	EvidenceSafe         EvidenceState = "safe"         // all was read, and nothing uses it
	EvidenceUsed         EvidenceState = "used"         // something uses it
	EvidenceInsufficient EvidenceState = "insufficient" // nothing was found, but not all could be read
)

// Verdict is the answer to whether a contract file may run.
type Verdict struct {
	State EvidenceState
	// Uses would fail once the file ran.
	Uses []Use
	// Warnings go on working but get other columns, as SELECT * does.
	Warnings []Use
	// Missing says what evidence is missing and how to get it.
	Missing []string
	// Since is from when on calls are counted; zero where they are counted from the beginning of the statistics.
	Since time.Time
	// Checked is when the verdict was found.
	Checked time.Time
}

// Use is one user of what a contract file takes away.
type Use struct {
	// Query is a statement or the name of an object, cut to what fits a line or two.
	Query string
	// Role is the database role; empty where nobody in particular uses it.
	Role string
	// Calls is how often, as far as that is counted; 0 where it is not.
	Calls int64
	// LastSeen is zero where it is not known.
	LastSeen time.Time
	// Source says where it was found: "statements", "statements of standby db2:5432/app", "view", "function", …
	Source string
	// Reason says what breaks, in the server's words where it has some.
	Reason string
}

// Reason is the verdict in a sentence; empty for a safe one.
func (v *Verdict) Reason() string {
	switch {
	case v.State == EvidenceSafe:
		return ""
	case v.State == EvidenceUsed && len(v.Uses) > 0:
		u := v.Uses[0]
		text := "what it takes away is still used by " + u.Source + ": " + oneLine(u.Query)
		if u.Role != "" {
			text += " (role " + u.Role + ")"
		}
		if n := len(v.Uses) - 1; n > 0 {
			text += fmt.Sprintf(", and %d more", n)
		}
		return text
	case len(v.Missing) > 0:
		text := "there is not enough evidence that nothing uses what it takes away: " + v.Missing[0]
		if n := len(v.Missing) - 1; n > 0 {
			text += fmt.Sprintf(", and %d more", n)
		}
		return text
	}
	return "there is not enough evidence that nothing uses what it takes away"
}

// Next says how to go on.
func (v *Verdict) Next() string {
	if v.State == EvidenceUsed {
		return "see all of it with pleat ready, change what uses it, or take the responsibility: --override-evidence REASON"
	}
	return "see what is missing with pleat ready, or take the responsibility: --override-evidence REASON"
}

func oneLine(text string) string {
	const most = 120
	text = strings.Join(strings.Fields(text), " ")
	if r := []rune(text); len(r) > most {
		return string(r[:most]) + "…"
	}
	return text
}

// evidence asks for the verdict about a contract file whose other gates are open, and says why it is held; empty when it may
// run. Without anybody to ask, and for a file that has begun, there is nothing to ask.
func (s *session) evidence(ctx context.Context, units []*unit, u *unit) (string, error) {
	if s.opts.Evidence == nil || u.Phase != migration.Contract || u.begun() {
		return "", nil
	}
	v := &Verdict{State: EvidenceInsufficient, Checked: time.Now().UTC()}
	for _, other := range units {
		if u.ContractOf != "" && other.Version == u.ContractOf {
			v.Missing = []string{fmt.Sprintf("its expand %s runs in this very run, so nothing can be known yet; "+
				"apply the file in a later run, or let the environment do without: evidence { required = false }", u.ContractOf)}
		}
	}
	if len(v.Missing) == 0 {
		var err error
		asked, cancel := promptly(ctx)
		v, err = s.opts.Evidence(asked, u.Migration)
		cancel()
		if err != nil {
			return "", fmt.Errorf("look for evidence about %s: %w", u.File(), err)
		}
	}
	if s.verdicts == nil {
		s.verdicts = map[string]*Verdict{}
	}
	s.verdicts[u.Version] = v
	if v.State == EvidenceSafe || s.opts.OverrideEvidence != "" {
		return "", nil
	}
	return v.Reason() + "; " + v.Next(), nil
}

// verdictLife is how old a verdict may be when its file begins: files before it may have run for hours.
const verdictLife = 5 * time.Minute

// witness records on what evidence a contract file is about to run. A verdict that has become old is asked for again.
func (r *runner) witness(ctx context.Context, u *unit) error {
	v := r.verdicts[u.Version]
	if v == nil {
		return nil
	}
	if v.State == EvidenceSafe && time.Since(v.Checked) > verdictLife {
		reason, err := r.evidence(ctx, nil, u)
		if err != nil {
			return err
		}
		if reason != "" {
			return &GateClosed{Held{u.Migration, HeldEvidence, reason}}
		}
		v = r.verdicts[u.Version]
	}
	e := history.Event{Kind: history.EvidenceSafe, Detail: map[string]any{"verdict": v.detail()}}
	if v.State != EvidenceSafe {
		e.Kind, e.Detail["reason"], e.Detail["message"] = history.EvidenceOverridden, r.opts.OverrideEvidence, r.opts.OverrideEvidence
	}
	return r.record(ctx, r.about(u.Migration, u.file.Checksum, e))
}

// count records how often each statement was called by the end of an expand, from where calls of the old shape are counted.
// What it cannot read it warns of: the expand is complete, and the contract's gate will say what is missing.
func (r *runner) count(ctx context.Context, u *unit) error {
	if r.opts.Count == nil || u.Phase != migration.Expand {
		return nil
	}
	asked, cancel := promptly(ctx)
	defer cancel()
	detail, err := r.opts.Count(asked)
	if err != nil {
		if ctx.Err() != nil {
			return err
		}
		r.opts.observe(Warned{fmt.Sprintf("the statements that were called so far could not be counted (%v), so the evidence for the contract of %s begins later", err, u.File())})
		return nil
	}
	if detail == nil {
		return nil
	}
	return r.record(ctx, r.about(u.Migration, u.file.Checksum, history.Event{Kind: history.EvidenceCounted, Detail: detail}))
}

// detail is the verdict for the log.
func (v *Verdict) detail() map[string]any {
	const most = 50
	uses := []any{}
	for _, u := range v.Uses[:min(len(v.Uses), most)] {
		uses = append(uses, map[string]any{"query": oneLine(u.Query), "role": u.Role, "calls": u.Calls, "source": u.Source, "reason": u.Reason})
	}
	missing := []any{}
	for _, m := range v.Missing {
		missing = append(missing, m)
	}
	out := map[string]any{"state": string(v.State), "uses": uses, "missing": missing, "checked": v.Checked.Format(time.RFC3339)}
	if len(v.Uses) > most {
		out["more_uses"] = len(v.Uses) - most
	}
	return out
}

// upgrade adds what the history of an older pleat lacks, because triggers of an expand rely on it. A role that does not
// own the schema pleat goes on without it and is told what that means.
func (r *runner) upgrade(ctx context.Context, tx pgx.Tx) error {
	lacks, may, err := r.log.Lacking(ctx)
	switch {
	case err != nil:
		return err
	case len(lacks) > 0 && may:
		err = r.log.Upgrade(ctx, tx, r.event(history.Event{}))
	case len(lacks) > 0:
		what := "nobody is told who holds the lock"
		if slices.Contains(lacks, "legacy_write") {
			what = "who writes through an old shape is not noted, and contract files will be held for want of evidence"
		}
		r.opts.observe(Warned{"the history was made by an older pleat, and this role may not add what it lacks, as it does not own the schema pleat; " + what})
	}
	if err != nil {
		return err
	}
	return r.letWritersNote(ctx)
}

// letWritersNote refuses files with a trigger that notes writes where those who write may not use the schema pleat: each of their
// statements would fail.
func (r *runner) letWritersNote(ctx context.Context) error {
	open, err := r.log.OpenToWriters(ctx)
	if err != nil || open {
		return err
	}
	for _, u := range r.units {
		for _, step := range u.Steps[min(u.stepsDone(), len(u.Steps)):] {
			for _, statement := range step.Statements {
				if sqltext.Mentions(statement.SQL)["note_write"] {
					return &Refused{Code: "privileges", Reason: fmt.Sprintf("the trigger of %s would keep roles from writing, as they may not use the schema pleat, where it notes who writes", u.File()),
						Next: "let the owner of the schema run: GRANT USAGE ON SCHEMA pleat TO PUBLIC"}
				}
			}
		}
	}
	return nil
}
