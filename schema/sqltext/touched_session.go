package sqltext

import (
	"strings"

	pgquery "github.com/pganalyze/pg_query_go/v5"
)

// session knows the statements that touch no object.
func (t *toucher) session(node *pgquery.Node) bool {
	switch node.Node.(type) {
	case *pgquery.Node_TransactionStmt, *pgquery.Node_VariableSetStmt, *pgquery.Node_VariableShowStmt, *pgquery.Node_LockStmt,
		*pgquery.Node_VacuumStmt, *pgquery.Node_ReindexStmt, *pgquery.Node_ClusterStmt, *pgquery.Node_CheckPointStmt,
		*pgquery.Node_ConstraintsSetStmt, *pgquery.Node_DiscardStmt, *pgquery.Node_NotifyStmt, *pgquery.Node_ListenStmt,
		*pgquery.Node_UnlistenStmt, *pgquery.Node_DeallocateStmt, *pgquery.Node_ClosePortalStmt:
		return true
	}
	return false
}

// setOf returns the words of a text as a set.
func setOf(words string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(words) {
		set[w] = true
	}
	return set
}
