package online

import (
	"github.com/pleatdb/pleat/planner"
	"github.com/pleatdb/pleat/schema"
)

const (
	attachReason = "ATTACH PARTITION alone would read the table under ACCESS EXCLUSIVE; a valid check spares it that"
	detachReason = "DETACH PARTITION alone would wait for everyone who uses the parent, and make others wait"
)

// proof is a check that tells the engine which rows a table has, for as long as it takes to give the table its place.
type proof struct {
	table schema.ID
	name  string
	cond  string
	// broken selects the rows that the check would refuse, and message says what they are.
	broken, message string
}

func (r *route) boundProof(table schema.ID, cond string) proof {
	return proof{table: table, name: schema.Shorten(table.Name + "__pleat_bound"), cond: cond,
		broken: "NOT (" + cond + ")", message: "rows of " + table.String() + " do not fit the bounds of the partition"}
}

// defaultProof tells that the default partition holds no row of the table that is about to become a partition.
func (r *route) defaultProof(def, table schema.ID, cond string) proof {
	return proof{table: def, name: schema.Shorten(def.Name + "_" + table.Name + "__pleat_bound"), cond: "NOT (" + cond + ")",
		broken: cond, message: "rows of " + def.String() + " belong to " + table.String() + "; move them first"}
}

func (p proof) add() string {
	return alterTable(p.table) + "ADD CONSTRAINT " + schema.Quote(p.name) + " CHECK (" + p.cond + ") NOT VALID"
}

func (p proof) validate() string {
	return alterTable(p.table) + "VALIDATE CONSTRAINT " + schema.Quote(p.name)
}

func (p proof) drop() string {
	return alterTable(p.table) + "DROP CONSTRAINT IF EXISTS " + schema.Quote(p.name)
}

// prove adds the checks and lets the engine validate them while others read and write.
func (r *route) prove(about schema.ID, reason string, proofs []proof) {
	for _, p := range proofs {
		r.touched[p.table] = true
		r.add(planner.Step{Title: "bind new rows of " + p.table.String(), Reason: reason,
			Up: []planner.Statement{statement(about, p.add())}, Down: []planner.Statement{statement(about, p.drop())}}, nil)
		r.add(planner.Step{Title: "prove the rows of " + p.table.String(), Reason: reason,
			Checks: []planner.Check{{Message: p.message, SQL: "SELECT * FROM " + p.table.SQL() + " WHERE " + p.broken}},
			Up:     []planner.Statement{statement(about, p.validate())}}, nil)
	}
}

// retire drops the checks, which their tables' places imply from now on. Where the way back begins with one again, it comes back
// without having been validated.
func (r *route) retire(about schema.ID, proofs []proof, back bool) {
	for _, p := range proofs {
		step := planner.Step{Title: "drop the proof of " + p.table.String(), Reason: "it has done its work",
			Up: []planner.Statement{statement(about, p.drop())}}
		if back {
			step.Down = []planner.Statement{statement(about, p.add())}
		}
		r.add(step, nil)
	}
}

// attachSQL and detachSQL give a table its place as a partition and take it away.
func attachSQL(c *schema.Catalog, id schema.ID) string {
	t := c.Get(id).(*schema.Table)
	return "ALTER TABLE " + t.PartitionOf.Parent.SQL() + " ATTACH PARTITION " + id.SQL() + " " + t.PartitionOf.Bound
}

func detachSQL(c *schema.Catalog, id schema.ID) string {
	return "ALTER TABLE " + parentOf(c, id).SQL() + " DETACH PARTITION " + id.SQL()
}

// detachesConcurrently reports whether the engine can take the partition away while others use its parent: since 14, and
// where no default partition would have to take in its bounds (ALTER TABLE documentation, 14 to 18).
func (r *route) detachesConcurrently(c *schema.Catalog, id schema.ID) bool {
	return r.opts.Major >= 14 && defaultPartition(c, parentOf(c, id)) == schema.ID{}
}
