package approval

import (
	"crypto/ed25519"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/crypto/ssh"

	"github.com/pleatdb/pleat/apply"
	"github.com/pleatdb/pleat/history"
)

var at = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// signer makes a key from a letter.
func signer(t *testing.T, letter string) ssh.Signer {
	t.Helper()
	s, err := ssh.NewSignerFromKey(ed25519.NewKeyFromSeed([]byte(strings.Repeat(letter, ed25519.SeedSize))))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func line(s ssh.Signer) string {
	return strings.TrimSpace(string(ssh.MarshalAuthorizedKey(s.PublicKey())))
}

// world is a log with one applied file and a proposal for two more.
func world() *apply.Proposal {
	return &apply.Proposal{
		Database: "app", Cluster: "7", Scope: []string{"b", "a"},
		Files: []apply.Proposed{{Name: "2_two.sql", Version: "2", Checksum: "c2"}, {Name: "3_three.sql", Version: "3", Checksum: "c3"}},
		Log: []history.Entry{
			{ID: 1, Digest: "d1", Event: history.Event{Kind: history.Created}},
			{ID: 2, Digest: "d2", Event: history.Event{Kind: history.Applied, Version: "1", Checksum: "c1"}},
		},
	}
}

// add appends a row to the log.
func add(p *apply.Proposal, e history.Event) {
	p.Log = append(p.Log, history.Entry{ID: int64(len(p.Log) + 1), Digest: "x" + string(rune('a'+len(p.Log))), At: at, Event: e})
}

func TestAStatementHasOneSpelling(t *testing.T) {
	s := &Statement{
		Environment: "a\"b\nfile x", Database: "$1 none", Scope: []string{"ä \x00", "b"}, At: at,
		Files: []apply.Proposed{{Name: "1_\u202e\n.sql", Version: "1", Checksum: "c"}},
	}
	read, err := Parse(s.Text())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(s, read); diff != "" {
		t.Error(diff)
	}
	for _, text := range []string{"", "pleat approval 2\n", s.Text() + "\n", s.Text() + "x y\n", strings.Replace(s.Text(), "at 2", "at  2", 1),
		strings.Replace(s.Text(), "file c ", "file c  ", 1)} {
		if _, err := Parse(text); err == nil {
			t.Errorf("read %q", text)
		}
	}
}

func TestSigners(t *testing.T) {
	a, b := signer(t, "a"), signer(t, "b")
	path := filepath.Join(t.TempDir(), "signers")
	text := "# people\n\n" + "\"al ice,alice\" valid-after=\"20261101\",valid-before=20261201Z " + line(a) + " comment\r\n" + "bob namespaces=\"git\" " + line(b) + "\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := ReadSigners([]string{path, line(b)})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, s := range got {
		names = append(names, s.Principal)
	}
	if diff := cmp.Diff([]string{"al ice", ssh.FingerprintSHA256(b.PublicKey())}, names); diff != "" {
		t.Error(diff)
	}
	for when, want := range map[time.Time]bool{at: true, at.AddDate(0, 1, 0): false, at.AddDate(0, -1, 0): false} {
		if got[0].valid(when) != want {
			t.Errorf("valid on %s: %v", when, !want)
		}
	}
	for bad, want := range map[string]string{
		"alice nonsense": "key cannot be read", "* " + line(a): "is a pattern", "ca cert-authority " + line(a): "certificate authorities",
		"a verify-required " + line(a): "unknown option", "a valid-after=\"soon\" " + line(a): "is no time",
	} {
		if _, err := ReadSigners([]string{bad}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", bad, err)
		}
	}
}

func TestWhatCounts(t *testing.T) {
	a := signer(t, "a")
	sign := func(p *apply.Proposal, change func(*Statement)) {
		s := New("prod", at, p)
		change(s)
		armored, err := Sign(s, a)
		if err != nil {
			t.Fatal(err)
		}
		add(p, Event(s, armored, &Signer{Principal: "alice", Key: a.PublicKey()}))
	}
	same := func(*Statement) {}
	for name, c := range map[string]struct {
		change func(*Statement)
		then   func(*apply.Proposal, *Policy)
		reason string
	}{
		"as it is": {same, func(*apply.Proposal, *Policy) {}, ""},
		"the rest of it": {same, func(p *apply.Proposal, _ *Policy) {
			add(p, history.Event{Kind: history.Applied, Version: "2", Checksum: "c2"})
			p.Files = p.Files[1:]
		}, ""},
		"less of it":      {same, func(p *apply.Proposal, _ *Policy) { p.Files = p.Files[1:] }, ""},
		"rows about none": {same, func(p *apply.Proposal, _ *Policy) { add(p, history.Event{Kind: history.DriftSeen}) }, ""},
		"own key": {same, func(_ *apply.Proposal, o *Policy) {
			o.Own = map[string]bool{ssh.FingerprintSHA256(a.PublicKey()): true}
		}, "this very process"},
		"old":           {same, func(_ *apply.Proposal, o *Policy) { o.Lifetime = time.Minute }, "counts for 1m0s"},
		"not allowed":   {same, func(_ *apply.Proposal, o *Policy) { o.Allowed = nil }, "not among those"},
		"another order": {same, func(p *apply.Proposal, _ *Policy) { p.Files[0], p.Files[1] = p.Files[1], p.Files[0] }, "another order"},
		"one more": {same, func(p *apply.Proposal, _ *Policy) {
			p.Files = append(p.Files, apply.Proposed{Name: "4_x.sql", Version: "4"})
		}, "does not name"},
		"edited": {same, func(p *apply.Proposal, _ *Policy) { p.Files[1].Checksum = "c4" }, "was edited"},
		"another ran": {same, func(p *apply.Proposal, _ *Policy) {
			add(p, history.Event{Kind: history.Applied, Version: "9", Checksum: ""})
		}, "applied of 9 came after it"},
		"another text ran": {same, func(p *apply.Proposal, _ *Policy) {
			add(p, history.Event{Kind: history.StepDone, Version: "2", Checksum: "c9"})
		},
			"step done of 2 came after it"},
		"rolled back": {same, func(p *apply.Proposal, _ *Policy) {
			add(p, history.Event{Kind: history.RolledBack, Version: "2", Checksum: "c2"})
		}, "rolled back of 2"},
		"another database":    {func(s *Statement) { s.Database = "other" }, func(*apply.Proposal, *Policy) {}, "another server"},
		"another cluster":     {func(s *Statement) { s.Cluster = "8" }, func(*apply.Proposal, *Policy) {}, "another server"},
		"another environment": {func(s *Statement) { s.Environment = "dev" }, func(*apply.Proposal, *Policy) {}, "environment \"dev\""},
		"another scope":       {func(s *Statement) { s.Scope = nil }, func(*apply.Proposal, *Policy) {}, "another scope"},
		"another log":         {func(s *Statement) { s.Log = "dx" }, func(*apply.Proposal, *Policy) {}, "another history"},
		"no log":              {func(s *Statement) { s.Log = "" }, func(*apply.Proposal, *Policy) {}, "another history"},
		"changed in the log":  {same, func(p *apply.Proposal, _ *Policy) { tamper(p) }, "verify the signature"},
	} {
		t.Run(name, func(t *testing.T) {
			p := world()
			policy := Policy{Required: 1, Allowed: []Signer{{Principal: "alice", Key: a.PublicKey()}}, Environment: "prod"}
			sign(p, c.change)
			c.then(p, &policy)
			all, people := Judge(p, policy, at.Add(time.Hour))
			if (people == 1) != (c.reason == "") || !strings.Contains(all[0].Reason, c.reason) {
				t.Errorf("%d people, %q", people, all[0].Reason)
			}
			if err := Missing(p, policy, at.Add(time.Hour)); (err == nil) != (c.reason == "") {
				t.Error(err)
			}
		})
	}
}

// tamper lets the signed text of the last row name another checksum.
func tamper(p *apply.Proposal) {
	d := p.Log[len(p.Log)-1].Detail
	d[detailStatement] = strings.Replace(d[detailStatement].(string), "file c2", "file c9", 1)
}

func TestOneOfTwoIsNotEnough(t *testing.T) {
	p := world()
	a := signer(t, "a")
	// Two keys of one person are one approval.
	b := signer(t, "b")
	policy := Policy{Required: 2, Environment: "prod", Allowed: []Signer{{Principal: "alice", Key: a.PublicKey()}, {Principal: "alice", Key: b.PublicKey()}}}
	for _, s := range []ssh.Signer{a, b, a} {
		statement := New("prod", at, p)
		armored, err := Sign(statement, s)
		if err != nil {
			t.Fatal(err)
		}
		add(p, Event(statement, armored, &policy.Allowed[0]))
	}
	if _, people := Judge(p, policy, at); people != 1 {
		t.Errorf("%d people", people)
	}
	if err := Missing(p, policy, at); err == nil || !strings.Contains(err.Error(), "pleat approve --env prod") {
		t.Error(err)
	}
}
