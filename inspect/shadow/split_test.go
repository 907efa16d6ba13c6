package shadow

import "github.com/pleatdb/pleat/schema/sqltext"

func splitStatements(text string) ([]string, error) {
	statements, err := sqltext.Split(text)
	out := make([]string, len(statements))
	for i, s := range statements {
		out[i] = s.SQL
	}
	return out, err
}
