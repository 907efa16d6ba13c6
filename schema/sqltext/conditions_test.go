package sqltext

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestConditions(t *testing.T) {
	for _, c := range []struct {
		expr string
		want []Condition
	}{
		{"price > 0::numeric AND true", []Condition{{"price", "", ">", []string{"0"}}}},
		{"(status)::text = ANY ((ARRAY['a'::character varying, 'b'::character varying])::text[])", []Condition{{"status", "", "=", []string{"a", "b"}}}},
		{"length(code) = 3", []Condition{{"code", "length", "=", []string{"3"}}}},
		{"VALUE ~ '^[a-z]+$'::text", []Condition{{"value", "", "~", []string{"^[a-z]+$"}}}},
		{"name LIKE 'a%'", []Condition{{"name", "", "~~", []string{"a%"}}}},
		{"n BETWEEN 1 AND 5", []Condition{{"n", "", "<=", []string{"1", "5"}}}},
		{"a < b", nil},
		{"this is no expression (", nil},
	} {
		if diff := cmp.Diff(c.want, Conditions(c.expr)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.expr, diff)
		}
	}
}

func TestConjuncts(t *testing.T) {
	for expr, want := range map[string][]string{
		"a > 0 AND (b < 'x'::text OR c) AND (d AND e)": {"a > 0", "b < 'x'::text OR c", "d", "e"},
		"a OR b":                      {"a OR b"},
		"this is no expression (":     {"this is no expression ("},
		"(x IS NOT NULL) AND (x = 1)": {"x IS NOT NULL", "x = 1"},
	} {
		if diff := cmp.Diff(want, Conjuncts(expr)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", expr, diff)
		}
	}
}
