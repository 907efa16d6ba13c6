package sqltext

import (
	"strings"

	pgquery "github.com/pganalyze/pg_query_go/v5"
)

// doings are the actions whose name is all that has to be translated.
var doings = map[pgquery.AlterTableType]Doing{
	pgquery.AlterTableType_AT_AddColumn:               AddColumn,
	pgquery.AlterTableType_AT_DropColumn:              DropColumn,
	pgquery.AlterTableType_AT_AlterColumnType:         AlterType,
	pgquery.AlterTableType_AT_ColumnDefault:           SetDefault,
	pgquery.AlterTableType_AT_SetNotNull:              SetNotNull,
	pgquery.AlterTableType_AT_DropNotNull:             DropNotNull,
	pgquery.AlterTableType_AT_DropExpression:          DropExpression,
	pgquery.AlterTableType_AT_AddIdentity:             AddIdentity,
	pgquery.AlterTableType_AT_SetIdentity:             SetIdentity,
	pgquery.AlterTableType_AT_DropIdentity:            DropIdentity,
	pgquery.AlterTableType_AT_SetStatistics:           SetStatistics,
	pgquery.AlterTableType_AT_SetStorage:              SetStorage,
	pgquery.AlterTableType_AT_SetCompression:          SetCompression,
	pgquery.AlterTableType_AT_SetOptions:              SetColumnOptions,
	pgquery.AlterTableType_AT_ResetOptions:            SetColumnOptions,
	pgquery.AlterTableType_AT_AddConstraint:           AddConstraint,
	pgquery.AlterTableType_AT_AlterConstraint:         AlterConstraint,
	pgquery.AlterTableType_AT_ValidateConstraint:      ValidateConstraint,
	pgquery.AlterTableType_AT_DropConstraint:          DropConstraint,
	pgquery.AlterTableType_AT_EnableTrig:              SwitchTrigger,
	pgquery.AlterTableType_AT_EnableAlwaysTrig:        SwitchTrigger,
	pgquery.AlterTableType_AT_EnableReplicaTrig:       SwitchTrigger,
	pgquery.AlterTableType_AT_EnableTrigAll:           SwitchTrigger,
	pgquery.AlterTableType_AT_EnableTrigUser:          SwitchTrigger,
	pgquery.AlterTableType_AT_DisableTrig:             SwitchTrigger,
	pgquery.AlterTableType_AT_DisableTrigAll:          SwitchTrigger,
	pgquery.AlterTableType_AT_DisableTrigUser:         SwitchTrigger,
	pgquery.AlterTableType_AT_EnableRule:              SwitchRule,
	pgquery.AlterTableType_AT_EnableAlwaysRule:        SwitchRule,
	pgquery.AlterTableType_AT_EnableReplicaRule:       SwitchRule,
	pgquery.AlterTableType_AT_DisableRule:             SwitchRule,
	pgquery.AlterTableType_AT_EnableRowSecurity:       RowSecurity,
	pgquery.AlterTableType_AT_DisableRowSecurity:      RowSecurity,
	pgquery.AlterTableType_AT_ForceRowSecurity:        RowSecurity,
	pgquery.AlterTableType_AT_NoForceRowSecurity:      RowSecurity,
	pgquery.AlterTableType_AT_ReplicaIdentity:         ReplicaIdentity,
	pgquery.AlterTableType_AT_ChangeOwner:             OwnerTo,
	pgquery.AlterTableType_AT_SetLogged:               SetLogged,
	pgquery.AlterTableType_AT_SetUnLogged:             SetUnlogged,
	pgquery.AlterTableType_AT_SetTableSpace:           SetTablespace,
	pgquery.AlterTableType_AT_SetAccessMethod:         SetAccessMethod,
	pgquery.AlterTableType_AT_SetRelOptions:           SetOptions,
	pgquery.AlterTableType_AT_ResetRelOptions:         SetOptions,
	pgquery.AlterTableType_AT_AttachPartition:         AttachPartition,
	pgquery.AlterTableType_AT_DetachPartition:         DetachPartition,
	pgquery.AlterTableType_AT_DetachPartitionFinalize: FinalizePartition,
	pgquery.AlterTableType_AT_AddInherit:              Inherit,
	pgquery.AlterTableType_AT_DropInherit:             NoInherit,
	pgquery.AlterTableType_AT_ClusterOn:               ClusterOn,
	pgquery.AlterTableType_AT_DropCluster:             ClusterOn,
}

// action describes one part of ALTER TABLE.
func action(c *pgquery.AlterTableCmd) Action {
	a := Action{Do: doings[c.GetSubtype()], Name: c.GetName(), Cascade: c.GetBehavior() == pgquery.DropBehavior_DROP_CASCADE}
	switch a.Do {
	case "":
		a.Do = OtherAction
	case AddColumn:
		column := columnFact(c.Def.GetColumnDef())
		a.Name, a.Column, a.IfNotExists = column.Name, &column, c.MissingOk
	case AlterType:
		d := c.Def.GetColumnDef()
		t := typeFact(d.GetTypeName())
		a.Type, a.Collation = &t, collation(d.GetCollClause())
		if d.GetRawDefault() != nil {
			a.Expr = exprFact(d.RawDefault)
		}
	case SetDefault:
		setDefault(&a, c.Def)
	case AddConstraint, AlterConstraint:
		k := constraintFact(c.Def.GetConstraint())
		a.Constraint, a.Name = &k, k.Name
		if name, ok := strings.CutSuffix(k.Name, markEnforced); ok && a.Do == AlterConstraint {
			a.Name, k.Name, k.Enforced = name, name, true
		}
	case DropColumn, DropConstraint:
		a.IfExists = c.MissingOk
	case AttachPartition, DetachPartition, FinalizePartition:
		p := c.Def.GetPartitionCmd()
		a.Other, a.Default, a.Concurrently = relName(p.GetName()), p.GetBound().GetIsDefault(), p.GetConcurrent()
	case Inherit, NoInherit:
		a.Other = relName(c.Def.GetRangeVar())
	case SetTablespace, SetAccessMethod, ClusterOn:
		a.Text = c.Name
	case SetOptions, SetColumnOptions:
		var names []string
		for _, o := range c.Def.GetList().GetItems() {
			names = append(names, o.GetDefElem().GetDefname())
		}
		a.Text = strings.Join(names, ", ")
	}
	return a
}

// setDefault tells a new default, none, and the new expression of a generated column apart.
func setDefault(a *Action, def *pgquery.Node) {
	switch {
	case def == nil:
		a.Do = DropDefault
	case markedExpression(def) != nil:
		a.Do, a.Expr = SetExpression, exprFact(markedExpression(def))
	default:
		a.Expr = exprFact(def)
	}
}
