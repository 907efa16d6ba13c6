package fleet

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func keep(*Row) error { return nil }

func TestRowsOfFiles(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for _, tc := range []struct {
		name, text string
		want       []Row
		fault      string
	}{
		{"a.csv", "\xef\xbb\xbfname,schema\nacme,tenant_1\n\"a\"\"b,c\",\"line\nbreak\"\n", []Row{{Name: "acme", Schema: "tenant_1"}, {Name: `a"b,c`, Schema: "line\nbreak"}}, ""},
		{"b.csv", "name,password\nacme,hunter2\n", nil, `no column "password"`},
		{"c.csv", "", nil, ""},
		{"d.json", `["acme", {"name": "b", "url": "postgres://h/b"}]`, []Row{{Name: "acme"}, {Name: "b", URL: "postgres://h/b"}}, ""},
		{"e.json", `[{"name": 3}]`, nil, "neither a text nor an object of texts"},
		{"f.json", `[{"nam": "x"}]`, nil, `a key "nam"`},
		{"g.json", `{`, nil, "must be a JSON list"},
		{"h.txt", "# all\nacme\n\n $1 \npostgres://h/c\n", []Row{{Name: "acme"}, {Name: "$1"}, {URL: "postgres://h/c"}}, ""},
		{"i.yaml", "- acme", nil, "ends in .csv, .json or .txt"},
	} {
		got, err := Load(write(tc.name, tc.text))
		if tc.fault != "" {
			if err == nil || !strings.Contains(err.Error(), tc.fault) || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("%s: %v", tc.name, err)
			}
			continue
		}
		if diff := cmp.Diff(tc.want, got); err != nil || diff != "" {
			t.Errorf("%s: %v\n%s", tc.name, err, diff)
		}
	}
}

func TestTargetsThatCannotBeMeant(t *testing.T) {
	for _, tc := range []struct {
		rows     []Row
		template string
		fault    string
	}{
		{[]Row{{Name: "a", Database: "x"}, {Name: "a", Database: "y"}}, "", `two targets are called "a"`},
		{[]Row{{Name: "a", Database: "x"}, {Name: "b", Database: "x"}}, "", "are the same place"},
		{[]Row{{Name: "a"}}, "", "has no place"},
		{[]Row{{Name: "a", Database: "x"}}, "tpl", "has no schema"},
		{[]Row{{Name: "a", Schema: "x"}}, "", "says no template"},
		{[]Row{{Name: "a", Schema: "pg_catalog"}}, "tpl", "belongs to the system"},
		{[]Row{{Name: "a", Database: strings.Repeat("é", 32)}}, "", "more than 63 bytes"},
		{[]Row{{Name: "a\x00", Database: "x"}}, "", "zero byte"},
	} {
		_, err := Resolve(tc.rows, true, tc.template, keep)
		if err == nil || !strings.Contains(err.Error(), tc.fault) {
			t.Errorf("%v: %v", tc.rows, err)
		}
	}
	if _, err := Resolve([]Row{{Name: "a"}}, true, "", func(*Row) error { return errors.New("no") }); err == nil {
		t.Error("an error of the template is lost")
	}
}

func TestShardsAreAllOfTheFleetOnce(t *testing.T) {
	for _, n := range []int{1, 2, 3, 8} {
		counts := map[string]int{}
		for i := range n {
			p, err := ParsePart(fmt.Sprintf("%d/%d", i, n))
			if err != nil {
				t.Fatal(err)
			}
			for k := range 1000 {
				if name := fmt.Sprintf("tenant %d", k); p.Has(name) {
					counts[name]++
				}
			}
		}
		for name, times := range counts {
			if times != 1 {
				t.Errorf("%s is in %d of %d parts", name, times, n)
			}
		}
		if len(counts) != 1000 {
			t.Errorf("%d of 1000 are in %d parts", len(counts), n)
		}
	}
	// The place of a name must never change, or a rollout would change hands in the middle.
	if !(Part{Index: 0, Of: 8}).Has("acme") {
		t.Error("acme has moved to another part of 8")
	}
	for _, wrong := range []string{"8/8", "-1/2", "1", "a/b", "0/0", "1/2/3"} {
		if _, err := ParsePart(wrong); err == nil {
			t.Errorf("%s is taken", wrong)
		}
	}
}

func TestChooseByNameAndPattern(t *testing.T) {
	all := []Target{{Name: "a*"}, {Name: "acme"}, {Name: "beta"}, {Name: "[x"}}
	for _, tc := range []struct {
		wanted []string
		want   []string
	}{{[]string{"a*"}, []string{"a*"}}, {[]string{"a?me", "beta"}, []string{"acme", "beta"}}, {[]string{"[x"}, []string{"[x"}}, {[]string{"*e*"}, []string{"acme", "beta"}}} {
		got, err := Choose(all, tc.wanted)
		var names []string
		for _, g := range got {
			names = append(names, g.Name)
		}
		if err != nil || !slices.Equal(names, tc.want) {
			t.Errorf("%v: %v, %v", tc.wanted, names, err)
		}
	}
	if _, err := Choose(all, []string{"gamma"}); err == nil {
		t.Error("a name that nobody has is taken")
	}
}

func TestCanariesAreTheSameInEveryRun(t *testing.T) {
	var all []Target
	for i := range 200 {
		all = append(all, Target{Name: fmt.Sprintf("t%03d", i)})
	}
	for _, tc := range []struct {
		canary Canary
		want   int
	}{{Canary{}, 0}, {Canary{Share: Share{Count: 1}}, 1}, {Canary{Share: Share{Percent: 5}}, 10}, {Canary{Share: Share{Count: 500}}, 200}, {Canary{Patterns: []string{"t00*", "t199"}}, 11}} {
		canaries, rest := tc.canary.Of(all)
		again, _ := tc.canary.Of(slices.Clone(all))
		if len(canaries) != tc.want || len(canaries)+len(rest) != len(all) || !cmp.Equal(names(canaries), names(again)) {
			t.Errorf("%+v: %d canaries and %d others", tc.canary, len(canaries), len(rest))
		}
	}
}

func names(targets []Target) (out []string) {
	for _, t := range targets {
		out = append(out, t.Name)
	}
	return out
}
