package legacy_test

import (
	"crypto/md5"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pleatdb/pleat/history/legacy"
)

// evolveTable is Evolve's table under another name; rows are values without the id.
func evolveTable(rows ...string) string {
	sql := `CREATE SCHEMA app; CREATE TABLE app.applied (id serial PRIMARY KEY NOT NULL, type smallint, version varchar(50), description varchar(200) NOT NULL,
		name varchar(300) NOT NULL, checksum varchar(32), installed_by varchar(100) NOT NULL, installed_on timestamp NOT NULL DEFAULT now(), success boolean NOT NULL);`
	for _, r := range rows {
		sql += "INSERT INTO app.applied (type, version, description, name, checksum, installed_by, success) VALUES (" + r + ");"
	}
	return sql
}

func evo(kind int, version, description, name, text string, success bool) string {
	v := "NULL"
	if version != "" {
		v = "'" + version + "'"
	}
	return fmt.Sprintf("%d, %s, '%s', '%s', '%X', 'app', %v", kind, v, description, name, md5.Sum([]byte(text)), success)
}

func TestEvolve(t *testing.T) {
	t.Parallel()
	crlf := strings.ReplaceAll(two, "\n", "\r\n")
	v1, v3 := evo(0, "1", "one", "V1__one.sql", one, true), evo(0, "3", "three", "V3__three.sql", three, true)
	for name, c := range map[string]struct {
		rows  []string
		files map[string]string
		want  []string
	}{
		"schema": {[]string{evo(1, "0", "Create new schema: app.", "app", "", true), v1}, map[string]string{"V1__one.sql": one}, []string{"1 applied verified in", "marker"}},
		"line ends": {[]string{evo(0, "2", "two", "V2__two.sql", two, true)}, map[string]string{"V2__two.sql": "\ufeff" + crlf},
			[]string{"2 applied verified in"}},
		"before 1.8": {[]string{evo(0, "2", "two", "V2__two.sql", crlf, true)}, map[string]string{"V2__two.sql": crlf}, []string{"2 applied verified in"}},
		"before 1.8, other line ends": {[]string{evo(0, "2", "two", "V2__two.sql", crlf, true)}, map[string]string{"V2__two.sql": two},
			[]string{"2 applied mismatched in", "problem mismatch 2"}},
		"one byte": {[]string{v1}, map[string]string{"V1__one.sql": one + " "}, []string{"1 applied mismatched in", "problem mismatch 1"}},
		"start version": {[]string{evo(3, "2", "Skip migration scripts until version 2 excluded.", "StartVersion = 2", "", true), v3},
			map[string]string{"V1__one.sql": one, "V2__two.sql": two, "V3__three.sql": three},
			[]string{"start-2 baseline unverifiable in", "3 applied verified in", "pending V2__two.sql", "problem gap 2"}},
		"failed and made good": {[]string{evo(0, "1", "one", "V1__one.sql", one, false), v1}, map[string]string{"V1__one.sql": one},
			[]string{"1 failed unverifiable past", "1 applied verified in"}},
		"repeated": {[]string{evo(4, "", "view", "R__view.sql", "old", true), evo(4, "", "view", "R__view.sql", "older", true)}, map[string]string{"R__view.sql": one},
			[]string{"R__view repeatable unverifiable past", "R__view repeatable mismatched in", "pending R__view.sql"}},
		"passed over": {[]string{v1, v3}, map[string]string{"V1__one.sql": one, "V2__two.sql": two, "V3__three.sql": three, "B2__x.sql": one, "V4__x.py": "x"},
			[]string{"1 applied verified in", "3 applied verified in", "pending V2__two.sql", "problem gap 2"}},
		"strange": {[]string{evo(9, "1", "one", "V1__one.sql", one, true), evo(0, "one", "one", "V1__one.sql", one, true), "NULL, NULL, '', '', NULL, '', true"}, nil,
			[]string{"marker", "marker", "marker", "problem unknown_kind", "problem unreadable", "problem unknown_kind"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, h := told(t, evolveTable(c.rows...), legacy.Wanted{}, c.files)
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s\nproblems %v", diff, h.Problems)
			}
		})
	}
}

// An option in the first line has a script run without a transaction.
func TestEvolveTransactions(t *testing.T) {
	t.Parallel()
	_, h := told(t, evolveTable(evo(0, "1", "one", "V1__one.sql", one, true)), legacy.Wanted{}, map[string]string{
		"V1__one.sql": one, "V2__two.sql": "-- evolve-tx-off\n" + two, "R__x.sql": "-- evolve-repeat-always\nSELECT 1",
	})
	if up := h.File("2").SQL.Up; !up.NoTransaction || len(up.Units) != 2 {
		t.Errorf("got %d units, without a transaction: %v", len(up.Units), up.NoTransaction)
	}
	if notes := strings.Join(h.Notes, "\n"); !strings.Contains(notes, "R__x.sql") {
		t.Errorf("nothing is said about the script that always runs: %q", notes)
	}
}
