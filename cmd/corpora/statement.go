package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pleatdb/pleat/schema/sqltext"
)

// settings are what the SET statements of a dump mean for the statements after them.
type settings struct {
	tablespace, method, grantor string
}

// statements cuts a dump into those statements that say something of the schema.
func statements(dump string) ([]string, error) {
	parts, err := sqltext.Split(withoutRestrict(dump))
	if err != nil {
		return nil, fmt.Errorf("cut dump into statements: %w", err)
	}
	var kept []string
	var current settings
	for _, part := range parts {
		switch {
		case current.set(part.SQL):
		case strings.HasPrefix(part.SQL, "SELECT pg_catalog.set_config("):
		default:
			kept = append(kept, part.SQL+current.meaning(part.SQL))
		}
	}
	return kept, nil
}

// set takes in a SET or RESET statement, and tells whether sql is one.
func (s *settings) set(sql string) bool {
	switch {
	case strings.HasPrefix(sql, "SET default_tablespace = "):
		s.tablespace = strings.TrimPrefix(sql, "SET default_tablespace = ")
	case strings.HasPrefix(sql, "SET default_table_access_method = "):
		s.method = strings.TrimPrefix(sql, "SET default_table_access_method = ")
	case strings.HasPrefix(sql, "SET SESSION AUTHORIZATION "):
		s.grantor = strings.TrimPrefix(sql, "SET SESSION AUTHORIZATION ")
	case sql == "RESET SESSION AUTHORIZATION":
		s.grantor = ""
	default:
		return strings.HasPrefix(sql, "SET ")
	}
	return true
}

// meaning is what the settings add to the statement, as a comment behind it. pg_dump sets the tablespace and
// the access method only before statements that they matter to, and does not reset them for the others
// (_selectTablespace and _selectTableAccessMethod in pg_backup_archiver.c).
func (s *settings) meaning(sql string) string {
	relation := startsWithAny(sql, "CREATE TABLE ", "CREATE UNLOGGED TABLE ", "CREATE MATERIALIZED VIEW ")
	stored := relation || startsWithAny(sql, "CREATE INDEX ", "CREATE UNIQUE INDEX ") ||
		startsWithAny(sql, "ALTER TABLE ") && strings.Contains(sql, " ADD CONSTRAINT ")
	added := ""
	if stored && s.tablespace != "" && s.tablespace != "''" {
		added += " -- tablespace " + s.tablespace
	}
	if relation && s.method != "" && s.method != "heap" && !strings.Contains(sql, "\nPARTITION BY ") {
		added += " -- access method " + s.method
	}
	if s.grantor != "" && isACL(sql) {
		added += " -- granted by " + s.grantor
	}
	return added
}

// isACL tells whether a statement of a dump is about access privileges alone.
func isACL(sql string) bool {
	return startsWithAny(sql, "GRANT ", "REVOKE ", "ALTER DEFAULT PRIVILEGES ")
}

func startsWithAny(text string, prefixes ...string) bool {
	return slices.ContainsFunc(prefixes, func(prefix string) bool { return strings.HasPrefix(text, prefix) })
}

// anyOrder is the statement with the parenthesised lines of a table in sorted order; other statements are left as they are.
func anyOrder(sql string) string {
	if !startsWithAny(sql, "CREATE TABLE ", "CREATE UNLOGGED TABLE ", "CREATE FOREIGN TABLE ") {
		return sql
	}
	open, end, commas := outline(sql)
	if end < 0 {
		return sql
	}
	var lines []string
	start := open + 1
	for _, comma := range append(commas, end) {
		lines = append(lines, strings.TrimSpace(sql[start:comma]))
		start = comma + 1
	}
	slices.Sort(lines)
	return sql[:open+1] + "\n    " + strings.Join(lines, ",\n    ") + "\n" + sql[end:]
}

// outline finds the first parenthesis of sql, its end, and the commas directly inside. The end is -1 where there is none. In
// what pg_dump prints, quotes inside literals are doubled, never escaped by a backslash alone.
func outline(sql string) (open, end int, commas []int) {
	depth, quote := 0, byte(0)
	for i := 0; i < len(sql); i++ {
		switch c := sql[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '\'' || c == '"':
			quote = c
		case c == '(' || c == '[':
			if depth == 0 {
				open = i
			}
			depth++
		case c == ')' || c == ']':
			depth--
			if depth == 0 {
				return open, i, commas
			}
		case c == ',' && depth == 1:
			commas = append(commas, i)
		}
	}
	return open, -1, nil
}
