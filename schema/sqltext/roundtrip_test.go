package sqltext_test

import (
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/pleatdb/pleat/schema/sqltext"
)

// roundTrip makes the object k again from the stable form of its printed text and wants
// it printed alike, then (names of columns and casts to domains apart) wants the change needed, and tells whether the printed text alone would have moved. It drops k.
func roundTrip(t *testing.T, conn *pgx.Conn, print, again string) (moved bool) {
	t.Helper()
	remove, _, _ := strings.Cut(again, ";")
	printed := text(t, conn, print)
	stable := sqltext.Stable(printed)
	if twice := sqltext.Stable(stable); twice != stable {
		t.Errorf("not idempotent:\n%s\n%s", stable, twice)
	}
	if err := simple(conn, strings.Replace(again, "%s", stable, 1)); err != nil {
		t.Errorf("%v:\n%s", err, stable)
	} else if got := text(t, conn, print); got != printed {
		t.Errorf("printed as\n%s\nthen as\n%s\nfrom\n%s", printed, got, stable)
	}
	if err := simple(conn, strings.Replace(again, "%s", printed, 1)); err != nil || text(t, conn, print) != printed {
		moved = true
		if stable == printed {
			t.Errorf("moves, and Stable does not see it:\n%s", printed)
		}
	} else if stable != printed && !strings.Contains(stable, `"?column?"`) && !strings.Contains(stable, ")::tags") && !strings.Contains(stable, ")::codes") {
		t.Errorf("needless change:\n%s\n%s", printed, stable)
	}
	if err := simple(conn, remove); err != nil {
		t.Fatal(err)
	}
	return moved
}
