package sqltext

import pgquery "github.com/pganalyze/pg_query_go/v5"

// outcomeOfAlter reads ALTER TABLE. Its commands take effect together, so what one of them leaves tells for all.
func outcomeOfAlter(a *pgquery.AlterTableStmt) *Outcome {
	table := relName(a.Relation)
	o := &Outcome{Repeat: len(a.Cmds) > 0}
	for _, c := range a.Cmds {
		cmd := c.GetAlterTableCmd()
		mark := markOfCommand(cmd, table)
		if mark != nil {
			o.Marks = append(o.Marks, *mark)
		}
		o.Repeat = o.Repeat && (cmd.MissingOk || settled[cmd.Subtype])
		switch cmd.Subtype {
		case pgquery.AlterTableType_AT_DetachPartitionFinalize:
			o.Detach = mark
		case pgquery.AlterTableType_AT_DetachPartition:
			if cmd.Def.GetPartitionCmd().GetConcurrent() {
				o.Detach = mark
			}
		}
	}
	return o
}

// settled are the commands that lead to the same however often they run.
var settled = map[pgquery.AlterTableType]bool{
	pgquery.AlterTableType_AT_ColumnDefault: true, pgquery.AlterTableType_AT_DropNotNull: true, pgquery.AlterTableType_AT_SetNotNull: true,
	pgquery.AlterTableType_AT_SetStatistics: true, pgquery.AlterTableType_AT_SetOptions: true, pgquery.AlterTableType_AT_ResetOptions: true,
	pgquery.AlterTableType_AT_SetStorage: true, pgquery.AlterTableType_AT_SetCompression: true, pgquery.AlterTableType_AT_ValidateConstraint: true,
	pgquery.AlterTableType_AT_ChangeOwner: true, pgquery.AlterTableType_AT_ClusterOn: true, pgquery.AlterTableType_AT_DropCluster: true,
	pgquery.AlterTableType_AT_SetLogged: true, pgquery.AlterTableType_AT_SetUnLogged: true, pgquery.AlterTableType_AT_SetAccessMethod: true,
	pgquery.AlterTableType_AT_SetTableSpace: true, pgquery.AlterTableType_AT_SetRelOptions: true, pgquery.AlterTableType_AT_ResetRelOptions: true,
	pgquery.AlterTableType_AT_EnableTrig: true, pgquery.AlterTableType_AT_EnableAlwaysTrig: true, pgquery.AlterTableType_AT_EnableReplicaTrig: true,
	pgquery.AlterTableType_AT_DisableTrig: true, pgquery.AlterTableType_AT_EnableTrigAll: true, pgquery.AlterTableType_AT_DisableTrigAll: true,
	pgquery.AlterTableType_AT_EnableTrigUser: true, pgquery.AlterTableType_AT_DisableTrigUser: true, pgquery.AlterTableType_AT_ReplicaIdentity: true,
	pgquery.AlterTableType_AT_EnableRowSecurity: true, pgquery.AlterTableType_AT_DisableRowSecurity: true,
	pgquery.AlterTableType_AT_ForceRowSecurity: true, pgquery.AlterTableType_AT_NoForceRowSecurity: true,
}

// markOfCommand is what one command of ALTER TABLE leaves; nil where the catalogs do not tell.
func markOfCommand(cmd *pgquery.AlterTableCmd, table Name) *Mark {
	switch cmd.Subtype {
	case pgquery.AlterTableType_AT_AddColumn:
		return &Mark{Kind: MarkColumn, Of: table, Name: Name{Name: cmd.Def.GetColumnDef().GetColname()}}
	case pgquery.AlterTableType_AT_DropColumn:
		return &Mark{Kind: MarkColumn, Of: table, Name: Name{Name: cmd.Name}, Gone: true}
	case pgquery.AlterTableType_AT_AddConstraint:
		if name := cmd.Def.GetConstraint().GetConname(); name != "" {
			return &Mark{Kind: MarkConstraint, Of: table, Name: Name{Name: name}}
		}
	case pgquery.AlterTableType_AT_DropConstraint:
		return &Mark{Kind: MarkConstraint, Of: table, Name: Name{Name: cmd.Name}, Gone: true}
	case pgquery.AlterTableType_AT_ValidateConstraint:
		return &Mark{Kind: MarkValidated, Of: table, Name: Name{Name: cmd.Name}}
	case pgquery.AlterTableType_AT_AttachPartition:
		return &Mark{Kind: MarkPartition, Of: table, Name: relName(cmd.Def.GetPartitionCmd().GetName())}
	case pgquery.AlterTableType_AT_DetachPartition, pgquery.AlterTableType_AT_DetachPartitionFinalize:
		return &Mark{Kind: MarkPartition, Of: table, Name: relName(cmd.Def.GetPartitionCmd().GetName()), Gone: true}
	}
	return nil
}
