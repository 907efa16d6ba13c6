package approval

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/pleatdb/pleat/apply"
	"github.com/pleatdb/pleat/history"
)

// Policy says what it takes.
type Policy struct {
	// Required is how many people must have signed.
	Required int
	Allowed  []Signer
	// Own are the fingerprints of keys that the process which applies could use itself; they count for nothing.
	Own map[string]bool
	// Lifetime is how long an approval counts; 0: until something else runs.
	Lifetime time.Duration
	// Environment is the name that statements must have.
	Environment string
}

// Detail keys of the log's rows.
const (
	detailStatement = "statement"
	detailSignature = "signature"
)

// Event is the row that records a signed statement.
func Event(s *Statement, armored string, by *Signer) history.Event {
	return history.Event{Kind: history.Approved, Detail: map[string]any{
		detailStatement: s.Text(), detailSignature: armored, "digest": s.Digest(), "signer": by.Principal, "key": by.Fingerprint(),
	}}
}

// Approval is one row of the log that was verified.
type Approval struct {
	Entry     *history.Entry
	Statement *Statement
	Signature string
	// Signer is the line of the key; nil where it counts for nothing.
	Signer *Signer
	Key    string // fingerprint; empty where the signature is broken
	// Reason is why it does not count for the proposal; empty where it does.
	Reason string
}

// Judge looks at every approval of the log. It gives them all, with the reason of each that does not count, and how many people's do.
func Judge(p *apply.Proposal, policy Policy, now time.Time) (all []Approval, people int) {
	names := map[string]bool{}
	for i := range p.Log {
		if p.Log[i].Kind != history.Approved {
			continue
		}
		a := policy.judge(p, i, now)
		if a.Reason == "" {
			names[a.Signer.Principal] = true
		}
		all = append(all, a)
	}
	return all, len(names)
}

// judge decides about the approval in row i.
func (policy *Policy) judge(p *apply.Proposal, i int, now time.Time) (a Approval) {
	a.Entry = &p.Log[i]
	text, _ := a.Entry.Detail[detailStatement].(string)
	a.Signature, _ = a.Entry.Detail[detailSignature].(string)
	key, err := Verified(text, a.Signature)
	if err == nil {
		a.Key = ssh.FingerprintSHA256(key)
		a.Statement, err = Parse(text)
	}
	if err != nil {
		a.Reason = err.Error()
		return a
	}
	a.Signer = Among(policy.Allowed, key)
	for _, against := range []func() string{
		func() string { return policy.person(&a) },
		func() string { return policy.place(p, i, &a) },
		func() string { return policy.age(&a, now) },
		func() string { return stale(p, i, a.Statement) },
	} {
		if a.Reason = against(); a.Reason != "" {
			return a
		}
	}
	return a
}

// person says what is wrong with who signed.
func (policy *Policy) person(a *Approval) string {
	switch {
	case a.Signer == nil:
		return fmt.Sprintf("its key %s is not among those that may approve", a.Key)
	case policy.Own[a.Key]:
		return fmt.Sprintf("%s signed it with %s, a key that this very process could use", a.Signer.Principal, a.Key)
	case !a.Signer.valid(a.Entry.At):
		return fmt.Sprintf("the key of %s was not valid when it was recorded", a.Signer.Principal)
	}
	return ""
}

// place says whether the statement is about another database.
func (policy *Policy) place(p *apply.Proposal, i int, a *Approval) string {
	s := a.Statement
	// Where there was no log when it was signed, nothing can have run before it was recorded.
	known := s.Log == "" && !slices.ContainsFunc(p.Log[:i], func(e history.Entry) bool { return history.Decides(e.Kind) })
	for j := range i {
		known = known || p.Log[j].Digest == s.Log
	}
	switch {
	case s.Environment != policy.Environment:
		return fmt.Sprintf("it is for the environment %q", s.Environment)
	case s.Database != p.Database || s.Cluster != "" && p.Cluster != "" && s.Cluster != p.Cluster:
		return fmt.Sprintf("it is for the database %q of another server", s.Database)
	case !slices.Equal(s.Scope, slices.Sorted(slices.Values(p.Scope))):
		return "it is for another scope"
	case !known:
		return "it is for another history"
	}
	return ""
}

func (policy *Policy) age(a *Approval, now time.Time) string {
	if policy.Lifetime > 0 && now.Sub(a.Entry.At) > policy.Lifetime {
		return fmt.Sprintf("it was given on %s, and counts for %s", a.Entry.At.UTC().Format(time.RFC3339), policy.Lifetime)
	}
	return ""
}

// stale says what is not as it was signed: every file that would run must be in the statement, with its text and in its order, and
// since the statement was made nothing may have run but what it names. The first row whose work it could not know decides.
func stale(p *apply.Proposal, i int, s *Statement) string {
	signed := map[string]string{}
	for _, f := range s.Files {
		signed[f.Version] = f.Checksum
	}
	at := 0
	for _, f := range p.Files {
		checksum, ok := signed[f.Version]
		switch {
		case !ok:
			return fmt.Sprintf("it does not name %s", f.Name)
		case checksum != f.Checksum:
			return fmt.Sprintf("%s was edited since", f.Name)
		}
		next := slices.IndexFunc(s.Files[at:], func(g apply.Proposed) bool { return g.Version == f.Version })
		if next < 0 {
			return fmt.Sprintf("it names %s in another order", f.Name)
		}
		at += next + 1
	}
	for j := firstAfter(p.Log, i, s.Log); j < len(p.Log); j++ {
		e := &p.Log[j]
		checksum, named := signed[e.Version]
		if e.Version != "" && history.Decides(e.Kind) && (!named || checksum != e.Checksum || undoes(e.Kind)) {
			return fmt.Sprintf("%s of %s came after it (row %d of the log)", strings.ReplaceAll(string(e.Kind), "_", " "), e.Version, e.ID)
		}
	}
	return ""
}

// firstAfter is the place of the first row that the statement could not know.
func firstAfter(log []history.Entry, i int, head string) int {
	for j := range i {
		if log[j].Digest == head {
			return j + 1
		}
	}
	return 0
}

func undoes(k history.Kind) bool {
	return k == history.UndoStarted || k == history.UndoDone || k == history.RolledBack || k == history.Baseline || k == history.Imported
}

// Missing explains that a run may not begin; nil when it may.
func Missing(p *apply.Proposal, policy Policy, now time.Time) error {
	all, people := Judge(p, policy, now)
	if people >= policy.Required {
		return nil
	}
	reason := fmt.Sprintf("%d of %d approvals are there for what would run", people, policy.Required)
	seen := map[string]bool{}
	for _, a := range slices.Backward(all) {
		if a.Reason == "" || seen[a.Reason] || len(seen) == 3 {
			continue
		}
		seen[a.Reason] = true
		reason += fmt.Sprintf("; the one of row %d does not count: %s", a.Entry.ID, a.Reason)
	}
	return &apply.Refused{Code: "approval", Reason: reason, Next: "have it signed: pleat approve" + flagOf(policy.Environment)}
}

func flagOf(environment string) string {
	if environment == "" {
		return ""
	}
	return " --env " + environment
}
