package adopt

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pleatdb/pleat/history/migration"
	"github.com/pleatdb/pleat/schema"
	"github.com/pleatdb/pleat/schema/sqltext"
)

// lead makes names without a schema mean what they meant to the tool: every transaction begins with its search path. The error names a
// statement outside of a transaction that would need it too.
func lead(m *migration.Migration, path []string) error {
	if len(path) == 0 {
		return nil
	}
	for i := range m.Steps {
		s := &m.Steps[i]
		if !s.NoTransaction {
			s.Statements = append([]migration.Statement{setPath(path)}, s.Statements...)
		} else if name := homeless(s.Statements[0].SQL); name != "" {
			return homelessError(name, path)
		}
	}
	return nil
}

// leadBack is lead for the way back.
func leadBack(undos []migration.Undo, path []string) ([]migration.Undo, error) {
	if len(path) == 0 || len(undos) == 0 {
		return undos, nil
	}
	var out []migration.Undo
	set := false
	for _, u := range undos {
		sql := u.Statements[0].SQL
		switch outside := !sqltext.Classify(sql).Transactional; {
		case outside && homeless(sql) != "":
			return nil, homelessError(homeless(sql), path)
		case outside:
			set = false
		case !set:
			out, set = append(out, migration.Undo{Step: u.Step, Statements: []migration.Statement{setPath(path)}}), true
		}
		out = append(out, u)
	}
	for i := range out {
		out[i].Part, out[i].Parts = i+1, len(out)
	}
	return out, nil
}

func setPath(path []string) migration.Statement {
	return migration.Statement{SQL: "SET LOCAL search_path = " + schema.QuoteAll(path)}
}

func homelessError(name string, path []string) error {
	return fmt.Errorf("a statement outside of a transaction names %s without its schema, which was looked for in %s", name, strings.Join(path, ", "))
}

// homeless is a name of a statement that only the search path explains; empty for none.
func homeless(sql string) string {
	for _, n := range sqltext.References(sql).Relations {
		if n.Schema == "" {
			return schema.Quote(n.Name)
		}
	}
	alone := []string{"schema", "role", "extension", "database", "tablespace", "settings", "session", "publication", "subscription", "event trigger"}
	for _, t := range sqltext.Touched(sql).Objects {
		if t.Name != "" && t.Schema == "" && t.Of.Schema == "" && !slices.Contains(alone, t.Kind) {
			return schema.Quote(t.Name)
		}
	}
	return ""
}
