package sqltext

import pgquery "github.com/pganalyze/pg_query_go/v5"

// ReadTransaction tells whether a statement begins a transaction as any other is begun (BEGIN or START TRANSACTION without a mode), or
// ends one and no more (COMMIT or END without AND CHAIN).
func ReadTransaction(stmt string) (begins, ends bool) {
	t := parseOne(stmt).GetTransactionStmt()
	switch t.GetKind() {
	case pgquery.TransactionStmtKind_TRANS_STMT_BEGIN, pgquery.TransactionStmtKind_TRANS_STMT_START:
		return len(t.Options) == 0, false
	case pgquery.TransactionStmtKind_TRANS_STMT_COMMIT:
		return false, !t.Chain
	}
	return false, false
}
