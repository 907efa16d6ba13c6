package migration

import (
	"strings"
	"testing"
)

func TestOneTransactionAroundEverythingIsThatOfTheStep(t *testing.T) {
	for name, text := range map[string]string{
		"plain":    "BEGIN;\nCREATE TABLE a ();\nCREATE TABLE b ();\nCOMMIT;\n-- pleat: down\nSTART TRANSACTION;\nDROP TABLE b;\nDROP TABLE a;\nEND;\n",
		"numbered": "-- pleat: step 1 both\nBEGIN;\nCREATE TABLE a ();\nCREATE TABLE b ();\nCOMMIT;\n-- pleat: down\n-- pleat: undo 1\nBEGIN WORK;\nDROP TABLE b;\nDROP TABLE a;\nCOMMIT;\n",
	} {
		m, err := Parse("20261120153000_x.sql", []byte(text))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if len(m.Steps) != 1 || len(m.Steps[0].Statements) != 2 || !m.Steps[0].Wrapped || m.Steps[0].NoTransaction {
			t.Errorf("%s: steps %+v", name, m.Steps)
		}
		if len(m.Down) != 1 || len(m.Down[0].Statements) != 2 || m.Down[0].Statements[0].SQL != "DROP TABLE b" {
			t.Errorf("%s: down %+v", name, m.Down)
		}
	}
}

func TestWhatOnlyPsqlCanRunAndOtherTransactionsAreRefusedByLine(t *testing.T) {
	for text, want := range map[string]string{
		"BEGIN;\nSELECT 1;\nCREATE INDEX CONCURRENTLY i ON t (a);\nCOMMIT":                  ":3:1: cannot run in one transaction with what is before it, but line 1 begins one",
		"-- pleat: step 1\nBEGIN;\nCREATE INDEX CONCURRENTLY i ON t (a);\nCOMMIT":           ":3:1: cannot run in one transaction",
		"BEGIN;\nALTER TYPE m ADD VALUE 'x';\nINSERT INTO t VALUES ('x');\nCOMMIT":          ":3:1: cannot run in one transaction",
		"BEGIN;\nSELECT 1;\nCOMMIT;\nBEGIN;\nSELECT 2;\nCOMMIT;":                            ":3:1: COMMIT in a migration",
		"SELECT 1;\nBEGIN ISOLATION LEVEL SERIALIZABLE;\nSELECT 2;":                         ":2:1: BEGIN in a migration; pleat opens and ends the transactions, at READ COMMITTED",
		"SELECT 1;\nSAVEPOINT a;\n":                                                         ":2:1: SAVEPOINT in a migration; a step that fails is rolled back as a whole",
		"SELECT 1;\nROLLBACK;\n":                                                            ":2:1: ROLLBACK in a migration",
		"SELECT 1;\nPREPARE TRANSACTION 'x';\n":                                             ":2:1: PREPARE in a migration; a prepared transaction",
		"CREATE TABLE t (a text);\nCOPY public.t (a) FROM stdin;\nit's\n\\.\n\nSELECT 1;\n": ":2:1: COPY FROM STDIN needs rows from the client",
		"\\restrict abc\nSELECT 1;\n":                                                       `:1:1: \restrict is a command of psql, not SQL; delete the line`,
		"SELECT 1;\n\\i other.sql\n":                                                        `:2:1: \i is a command of psql, not SQL; put the statements of that file here`,
		"SELECT 1;\n\\copy t from 'x'\n":                                                    `:2:1: \copy is a command of psql, not SQL; write INSERT`,
		"SELECT 'SELECT 1' \\gexec\n":                                                       `:1:1: \gexec is a command of psql, not SQL; write a DO block with EXECUTE`,
		"\\if :x\nSELECT 1;\n\\endif\n":                                                     `:1:1: \if is a command of psql, not SQL; write a DO block with IF`,
	} {
		_, err := Parse("20261120153000_x.sql", []byte(text))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %s", text, err, want)
		}
	}
}
