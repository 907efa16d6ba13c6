package lint_test

import (
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/pleatdb/pleat/planner"
	"github.com/pleatdb/pleat/planner/lint"
	"github.com/pleatdb/pleat/schema"
	"github.com/pleatdb/pleat/schema/sqltext"
)

// TestCases holds every code to a file that must have it and one that must not. A line "-- test: …" at the top of a
// file sets options; "-- unit" begins another unit.
func TestCases(t *testing.T) {
	for _, rule := range lint.Rules() {
		t.Run(rule.Code, func(t *testing.T) {
			archive, err := txtar.ParseFile(filepath.Join("testdata", rule.Code+".txtar"))
			if err != nil {
				t.Fatal(err)
			}
			before, fires, silent := "", 0, 0
			for _, f := range archive.Files {
				text := string(f.Data)
				switch {
				case f.Name == "before.sql":
					before = text
				case strings.HasPrefix(f.Name, "fires"):
					fires++
					mustFire(t, rule, f.Name, before, text)
				default:
					silent++
					for _, found := range check(t, before, text).findings {
						if found.Code == rule.Code {
							t.Errorf("%s: unwanted %s: %s\n%s", f.Name, found.Code, found.Why, text)
						}
					}
				}
			}
			if fires == 0 || silent == 0 {
				t.Errorf("%d files with and %d without a finding", fires, silent)
			}
		})
	}
}

func mustFire(t *testing.T, rule lint.Rule, name, before, text string) {
	t.Helper()
	got := check(t, before, text)
	for _, f := range got.findings {
		if f.Code != rule.Code {
			continue
		}
		for _, filled := range [][2]string{{f.Why, rule.Why}, {f.Safe, rule.Safe}} {
			own := !strings.HasPrefix(filled[1], "{")
			if own && strings.Count(filled[0], "…") > strings.Count(filled[1], "…") || strings.ContainsAny(filled[0], "{}") && !strings.Contains(text, "{") {
				t.Errorf("%s: words are missing: %s", name, filled[0])
			}
		}
		if got.severity != "" && f.Severity != lint.Severity(got.severity) {
			t.Errorf("%s: severity is %s, want %s (%s)", name, f.Severity, got.severity, f.Why)
		}
		if f.Title == "" || f.Line == 0 || f.File == "" {
			t.Errorf("%s: finding without a place: %+v", name, f)
		}
		return
	}
	t.Errorf("%s: no %s; found %v\n%s", name, rule.Code, codes(got.findings), text)
}

func codes(findings []lint.Finding) (out []string) {
	for _, f := range findings {
		out = append(out, f.Code)
	}
	return out
}

type checked struct {
	findings []lint.Finding
	severity string
}

// check runs the linter over a case behind what was there before.
func check(t *testing.T, before, text string) checked {
	t.Helper()
	f := lint.File{Path: "case.sql", Managed: true}
	o := lint.Options{}
	var out checked
	u := lint.Unit{Transactional: true, Step: 1}
	var effect *planner.Effect
	if line, ok := strings.CutPrefix(text, "-- test: "); ok {
		line, _, _ = strings.Cut(line, "\n")
		for _, word := range strings.Fields(line) {
			key, value, _ := strings.Cut(word, "=")
			switch key {
			case "severity":
				out.severity = value
			case "measured":
				effect = measured(value)
			default:
				option(t, &f, &o, &u, key, value)
			}
		}
	}
	statements, err := sqltext.Split(text)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range statements {
		if strings.Contains(s.Leading, "-- unit") && len(u.Statements) > 0 {
			f.Up = append(f.Up, u)
			u.Statements, u.Step = nil, u.Step+1
		}
		u.Statements = append(u.Statements, lint.Statement{SQL: s.SQL, Line: s.Line, Column: 1, Effect: effect})
	}
	f.Up = append(f.Up, u)
	files := []lint.File{f}
	if before != "" {
		files = []lint.File{{Path: "before.sql", Context: true, Up: units(t, before)}, f}
	}
	out.findings = lint.Check(files, o)
	return out
}

func units(t *testing.T, text string) []lint.Unit {
	t.Helper()
	statements, err := sqltext.Split(text)
	if err != nil {
		t.Fatal(err)
	}
	u := lint.Unit{Transactional: true}
	for _, s := range statements {
		u.Statements = append(u.Statements, lint.Statement{SQL: s.SQL, Line: s.Line, Column: 1})
	}
	return []lint.Unit{u}
}

// option sets what one word of a case asks for.
func option(t *testing.T, f *lint.File, o *lint.Options, u *lint.Unit, key, value string) {
	t.Helper()
	server := func() *lint.Server {
		if o.Server == nil {
			o.Server = &lint.Server{}
		}
		return o.Server
	}
	number := func() int {
		n, err := strconv.Atoi(value)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	span := func() time.Duration {
		d, err := time.ParseDuration(value)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	switch key {
	case "unmanaged":
		f.Managed = false
	case "notx":
		u.Transactional = false
	case "message":
		u.Transactional, u.OneMessage = false, true
	case "batched":
		u.Batched = true
	case "contract":
		f.Contract = true
	case "major":
		o.Major = number()
	case "server":
		server().Version = number()
	case "deadlock":
		server().DeadlockTimeout = span()
	case "blocker":
		server().Blockers = []lint.Blocker{{On: tableID(value), Who: "pid 1, open for 5 min"}}
	case "starred":
		server().Starred = []schema.ID{tableID(value)}
	case "sizes":
		name, size, _ := strings.Cut(value, ":")
		value = size
		o.Sizes = map[schema.ID]int64{tableID(name): int64(number())}
	case "invalid":
		o.Catalog = withInvalidIndex(value)
	case "additive":
		o.Policy.AdditiveOnly = true
	case "fkindex":
		o.Policy.ForeignKeyIndex = true
	case "qualified":
		o.Policy.Qualified = true
	case "naming":
		kind, pattern, _ := strings.Cut(value, ":")
		o.Policy.Naming = []lint.Naming{{Kind: kind, Match: regexp.MustCompile(pattern), Message: "as agreed"}}
	case "maxlock":
		o.Policy.MaxLock = planner.LockMode(number())
	case "maxduration":
		o.Policy.MaxDuration = span()
	case "cost":
		d := span()
		o.Cost = func(planner.Effect) (string, time.Duration) { return "about " + value, d }
	case "forbid":
		o.Policy.Forbidden = []string{value}
	case "allow":
		f.Allow = []lint.Allow{{Code: value, Reason: "agreed", Line: 1}}
	default:
		t.Fatalf("unknown word %q in a case", key)
	}
}

func tableID(path string) schema.ID {
	namespace, name, _ := strings.Cut(path, ".")
	return schema.ID{Kind: schema.KindTable, Schema: namespace, Name: name}
}

func withInvalidIndex(path string) *schema.Catalog {
	parts := strings.Split(path, ".")
	c := schema.New()
	c.Add(&schema.Namespace{Name: parts[0]})
	c.Add(&schema.Table{Schema: parts[0], Name: parts[1], Columns: []schema.Column{{Name: "a", Type: "integer"}}})
	c.Add(&schema.Index{
		Schema: parts[0], Table: parts[1], Name: parts[2], Unique: true, Method: "btree",
		Elements: []schema.IndexElement{{Column: "a"}}, Invalid: true,
	})
	return c
}

// measured is an effect as a server would report it: none, or rewrite:table.
func measured(value string) *planner.Effect {
	kind, name, _ := strings.Cut(value, ":")
	e := &planner.Effect{}
	if kind == "rewrite" {
		e.Locks = []planner.Lock{{On: tableID(name), Mode: planner.AccessExclusive}}
		e.Rewrites = []schema.ID{tableID(name)}
	}
	return e
}
