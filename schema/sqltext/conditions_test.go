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
