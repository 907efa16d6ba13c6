package review

import (
	"testing"

	"github.com/pleatdb/pleat/inspect/pgtest"
	"github.com/pleatdb/pleat/inspect/shadow"
	"github.com/pleatdb/pleat/planner/lint"
)

// TestMeasure runs directories on a server: a baseline beside its migrations does not run with them, a statement that fails ends
// the measuring and nothing else, and placeholders keep a file from being run.
func TestMeasure(t *testing.T) {
	on := shadow.On(pgtest.Server(t))
	for name, tc := range map[string]struct {
		files            map[string]string
		measured, failed int
	}{
		"baseline": {map[string]string{
			"B2__all.sql": "CREATE TABLE a (x int, y int);", "V1__a.sql": "CREATE TABLE a (x int);", "V2__b.sql": "ALTER TABLE a ADD y int;",
			"V3__c.sql": "CREATE INDEX i ON a (x);",
		}, 1, 0},
		"only a baseline": {map[string]string{"B2__all.sql": "CREATE TABLE a (x int, y int);", "V3__c.sql": "CREATE INDEX i ON a (x);"}, 1, 0},
		"failing": {map[string]string{
			"V1__a.sql": "CREATE TABLE a (x int);", "V2__b.sql": "CREATE INDEX i ON a (x);", "V3__c.sql": "SELECT nothing();", "V4__d.sql": "CREATE INDEX j ON a (x);",
		}, 1, 1},
		"outside": {map[string]string{"V1__a.sql": "CREATE TABLE a (x int);", "V2__b.sql": "REINDEX TABLE a;"}, 1, 0},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			for file, text := range tc.files {
				write(t, dir, file, text)
			}
			s, err := Read(t.Context(), Request{Paths: []string{dir}})
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Measure(t.Context(), on, nil); err != nil {
				t.Fatal(err)
			}
			measured := 0
			for _, f := range s.Judge(lint.Options{Major: on.Major()}) {
				if f.Measured && (f.Code == "KX10" || f.Code == "KX13") {
					measured++
				}
			}
			where, missing := s.Measured()
			if measured != tc.measured || len(missing) != tc.failed || where == "" {
				t.Errorf("%d findings are measured, not measured: %v; want %d and %d", measured, missing, tc.measured, tc.failed)
			}
		})
	}
}
