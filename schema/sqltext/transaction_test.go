package sqltext_test

import (
	"testing"

	"github.com/pleatdb/pleat/schema/sqltext"
)

func TestReadTransaction(t *testing.T) {
	for stmt, want := range map[string][2]bool{
		"BEGIN": {true, false}, "begin work": {true, false}, "START TRANSACTION": {true, false}, "COMMIT": {false, true}, "END": {false, true},
		"BEGIN ISOLATION LEVEL SERIALIZABLE": {}, "START TRANSACTION READ ONLY": {}, "COMMIT AND CHAIN": {}, "ROLLBACK": {}, "SAVEPOINT a": {},
		"COMMIT PREPARED 'x'": {}, "PREPARE TRANSACTION 'x'": {}, "SELECT 1": {}, "not SQL": {},
	} {
		if begins, ends := sqltext.ReadTransaction(stmt); [2]bool{begins, ends} != want {
			t.Errorf("%s: begins %v, ends %v", stmt, begins, ends)
		}
	}
}
