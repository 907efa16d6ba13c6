package planner

import "github.com/pleatdb/pleat/schema"

// OnlyParentKey writes ALTER TABLE ONLY … ADD CONSTRAINT: the unique or primary key of a partitioned table, which stays invalid
// until every partition's is attached.
func OnlyParentKey(o schema.Object) string {
	id, clause := o.ID(), ""
	switch c := o.(type) {
	case *schema.PrimaryKey:
		clause = primaryKeyClause(c)
	case *schema.Unique:
		clause = uniqueClause(c)
	}
	return "ALTER TABLE ONLY " + schema.Qualified(id.Schema, id.Parent) + " ADD " + clause
}
