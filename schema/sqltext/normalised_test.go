package sqltext

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

func TestNormalisedStatementsArePreparable(t *testing.T) {
	for _, tc := range []struct {
		text, want string
		kind       Recorded
	}{
		{"SELECT * FROM t WHERE a > now() - interval $1", "SELECT * FROM t WHERE a > now() - $1::interval", RecordedQuery},
		{"SELECT INTERVAL $1 day, date $2", "SELECT $1::INTERVAL day, $2::date", RecordedQuery},
		{"SELECT timestamp with time zone $1", "SELECT $1::timestamp with time zone", RecordedQuery},
		{"SELECT interval(3) $1, double precision $2", "SELECT $1::interval(3), $2::double precision", RecordedQuery},
		{"SELECT extract($1 FROM a) FROM t", `SELECT pg_catalog."extract"($1, a) FROM t`, RecordedQuery},
		{"SELECT f($1), a.date FROM t LIMIT $2", "SELECT f($1), a.date FROM t LIMIT $2", RecordedQuery},
		{"UPDATE t SET a = $1::date, time = $2", "UPDATE t SET a = $1::date, time = $2", RecordedQuery},
		{"PREPARE p AS SELECT a FROM t WHERE id = $1", "SELECT a FROM t WHERE id = $1", RecordedQuery},
		{"COPY t (a, \"B\") FROM STDIN", `SELECT "a", "B" FROM "t"`, RecordedQuery},
		{"COPY s.t TO STDOUT", `SELECT * FROM "s"."t"`, RecordedQuery},
		{"COPY (SELECT a FROM t) TO STDOUT", "SELECT a FROM t", RecordedQuery},
		{"DECLARE c CURSOR FOR SELECT a FROM t", "DECLARE c CURSOR FOR SELECT a FROM t", RecordedQuery},
		{"DO $$BEGIN END$$", "DO $$BEGIN END$$", RecordedOpaque},
		{"SET search_path = a", "SET search_path = a", RecordedUtility},
		{"CREATE TABLE t (a int)", "CREATE TABLE t (a int)", RecordedUtility},
		{"BEGIN", "BEGIN", RecordedUtility},
		{"no SQL at all $", "no SQL at all $", RecordedQuery},
		{"'", "'", RecordedQuery},
	} {
		got, kind := Normalised(tc.text, 15)
		if got != tc.want || kind != tc.kind {
			t.Errorf("%s\n got %d %s\nwant %d %s", tc.text, kind, got, tc.kind, tc.want)
		}
	}
	if got, _ := Normalised("SELECT extract($1 from a)", 13); got != "SELECT pg_catalog.date_part($1, a)" {
		t.Errorf("on 13: %s", got)
	}
}

func TestMentions(t *testing.T) {
	for text, want := range map[string]string{
		`SELECT A, "B""c" FROM t -- d`:                                `B"c a from select t`,
		`EXECUTE 'UPDATE x SET y = ''z'''`:                            "execute set update x y z",
		`EXECUTE format('SELECT %I FROM o' || 'r, $1)`:                "$1 EXECUTE FROM I SELECT execute format from i o r select",
		"DO $a$BEGIN PERFORM b; END$a$":                               "b begin do end perform",
		`SELECT U&"d\0061\+000074" || E'\' q' || $$w$$ || N'n' || ''`: "dat n q select w",
		"": "",
	} {
		got := strings.Join(slices.Sorted(maps.Keys(Mentions(text))), " ")
		if got != want {
			t.Errorf("%s\n got %s\nwant %s", text, got, want)
		}
	}
}
