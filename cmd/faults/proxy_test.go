package main

import (
	"errors"
	"testing"

	"github.com/jackc/pgx/v5"
)

// TestWhereAConnectionIsCut commits a row through a proxy that cuts the connection at the COMMIT, and wants each kind of cut to have the
// effect that it is named for.
func TestWhereAConnectionIsCut(t *testing.T) {
	if testing.Short() {
		t.Skip("short: starts a server")
	}
	server, err := newPostgres(t.Context(), testMajor(t))
	if errors.Is(err, errNoServer) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer server.close()
	for _, test := range []struct {
		name      string
		fault     *fault
		committed bool
	}{
		{"before", &fault{at: before, do: cutOff}, false},
		{"in the request", &fault{at: before, do: cutHalf}, false},
		{"before the answer", &fault{at: answer, do: cutOff}, true},
		{"in the answer", &fault{at: answer, do: cutHalf}, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			url := server.url("postgres")
			if err := execute(t.Context(), url, "DROP TABLE IF EXISTS t; CREATE TABLE t (id int)"); err != nil {
				t.Fatal(err)
			}
			tr := newTrap(&trial{point: point{fault: test.fault}}, "purpose#1", 3)
			p, err := newProxy(server.socket(), tr)
			if err != nil {
				t.Fatal(err)
			}
			defer p.close()
			conn, err := pgx.Connect(t.Context(), p.url("postgres")+"&application_name=pleat%20purpose%20somebody")
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close(t.Context())
			for i, sql := range []string{"BEGIN", "INSERT INTO t VALUES (1)", "COMMIT"} {
				_, err := conn.PgConn().Exec(t.Context(), sql).ReadAll()
				if (err != nil) != (i == 2) {
					t.Errorf("%s: %v", sql, err)
				}
			}
			if !tr.settle() {
				t.Error("nothing was cut")
			}
			// The server may still be at the COMMIT, or still have to see that nobody is there; the table waits for either.
			rows, err := rowsOf(t.Context(), url, "LOCK TABLE t; SELECT count(*) FROM t")
			if err != nil {
				t.Fatal(err)
			}
			if got := rows[0] == "1"; got != test.committed {
				t.Errorf("committed is %v", got)
			}
			if seen := p.seen(); len(seen) != 4 || seen[2].SQL != "INSERT INTO t VALUES (1)" || seen[2].Tags[0] != "INSERT 0 1" {
				t.Errorf("requests: %+v", seen)
			}
		})
	}
}

func TestDifferences(t *testing.T) {
	for _, test := range []struct {
		want, got []string
		out       int
	}{
		{[]string{"a", "b"}, []string{"a", "b"}, 0},
		{[]string{"a", "b"}, []string{"a"}, 1},
		{[]string{"a"}, []string{"a", "c"}, 1},
		{[]string{"a", "b"}, []string{"a", "c"}, 2},
		{[]string{"a"}, []string{"a", "a"}, 1},
	} {
		if out := differences(test.want, test.got); len(out) != test.out {
			t.Errorf("%v, %v: %v", test.want, test.got, out)
		}
	}
}
