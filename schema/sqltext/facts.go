package sqltext

// Fact is what one statement does, in words that need no parse tree to be understood. Which fields are
// filled depends on Command.
type Fact struct {
	// Known is false where the grammar (PostgreSQL 16 and what [Facts] adds of later versions) does not know the statement.
	Known   bool
	Command Command
	// Objects are what the statement is about, in its order: one, except for DROP, TRUNCATE, LOCK, VACUUM and ANALYZE.
	Objects []Target
	// NewName is the name after a rename, or the schema after SET SCHEMA.
	NewName                                                       string
	Concurrently, IfExists, IfNotExists, OrReplace, Cascade, Only bool
	// Actions are the parts of ALTER TABLE and of what is written like it, and of ALTER DOMAIN.
	Actions []Action
	Table   *TableFact   // CREATE TABLE
	Index   *IndexFact   // CREATE INDEX
	Trigger *TriggerFact // CREATE TRIGGER
	Setting *SettingFact // SET and RESET
	Query   *QueryFact   // statements that hold a query or change rows
	// LockMode is 1 (ACCESS SHARE) to 8 (ACCESS EXCLUSIVE), for LOCK TABLE.
	LockMode int
	// Full is VACUUM FULL; Skip is WITH NO DATA.
	Full, Skip bool
	// Value, NewValue and Placed belong to enums: the value that is renamed or added, and whether BEFORE or AFTER was given.
	Value, NewValue string
	Placed          bool
	// Strings are all string constants of the statement.
	Strings []string
	// LongNames are the identifiers of more than 63 bytes, which PostgreSQL cuts.
	LongNames []string
}

// Target is an object that a statement names.
type Target struct {
	// Kind is the object's kind in lower case as SQL spells it: "table", "materialized view", "index".
	Kind string
	Name Name
	// Of is the table of a trigger, rule, policy, constraint, column or index.
	Of Name
}

// Command is the kind of a statement, as its first words.
type Command string

// The commands of a Fact. A statement that none describes has the command "other".
const (
	CreateTable       Command = "create table"
	CreateTableAs     Command = "create table as"
	CreateIndex       Command = "create index"
	CreateView        Command = "create view"
	CreateTrigger     Command = "create trigger"
	CreatePolicy      Command = "create policy"
	AlterPolicy       Command = "alter policy"
	CreateRule        Command = "create rule"
	CreateStatistics  Command = "create statistics"
	CreateType        Command = "create type" // enum, composite, range; the kind of the object tells
	CreateDomain      Command = "create domain"
	CreateSchema      Command = "create schema"
	CreateSequence    Command = "create sequence"
	CreateFunction    Command = "create function"
	CreateDatabase    Command = "create database"
	CreatePublication Command = "create publication"
	AlterPublication  Command = "alter publication"
	AlterTable        Command = "alter table" // views, indexes, sequences and composite types too; the kind of the object tells
	AlterDomain       Command = "alter domain"
	AlterSequence     Command = "alter sequence"
	AddEnumValue      Command = "alter type add value"
	RenameEnumValue   Command = "alter type rename value"
	RenameObject      Command = "rename"
	SetSchema         Command = "set schema"
	ChangeOwner       Command = "owner to"
	DropObjects       Command = "drop"
	DropDatabase      Command = "drop database"
	TruncateTables    Command = "truncate"
	LockTables        Command = "lock table"
	Vacuum            Command = "vacuum"
	Analyze           Command = "analyze"
	Cluster           Command = "cluster"
	Reindex           Command = "reindex"
	Refresh           Command = "refresh materialized view"
	CommentOn         Command = "comment"
	Rows              Command = "rows" // INSERT, UPDATE, DELETE, MERGE, SELECT and COPY
	Transaction       Command = "transaction"
	SetVariable       Command = "set"
	RunCode           Command = "do" // DO and CALL
	OtherCommand      Command = "other"
)

// TransactionWord is the first word of a transaction command as [Fact.Value] has it: begin, commit, rollback,
// savepoint, release or prepare.
type TransactionWord = string

// TableFact is what CREATE TABLE makes.
type TableFact struct {
	Temporary   bool
	Columns     []ColumnFact
	Constraints []ConstraintFact // table constraints; those of columns are with the columns
	Inherits    []Name
	Like        []Name
	// Partitioned tells of PARTITION BY, and KeyColumns names its columns.
	Partitioned bool
	KeyColumns  []string
	PartitionOf *Name
	// Default is the partition that takes what no other does.
	Default bool
}

// ColumnFact is a column as it is declared.
type ColumnFact struct {
	Name        string
	Type        TypeFact
	NotNull     bool
	Default     *ExprFact
	Constraints []ConstraintFact
	// Generated is the expression of a generated column; Virtual ones are computed when read.
	Generated *ExprFact
	Virtual   bool
	Identity  bool
	// Collation is the name after COLLATE.
	Collation string
}

// TypeFact is the name of a type.
type TypeFact struct {
	// Name is PostgreSQL's own name, such as int4 or varchar, for types of the language; Schema is then empty.
	Schema, Name string
	Mods         []int // numbers in parentheses, such as length, or precision and scale
	Array        bool
	// SQL is the type as text.
	SQL string
}

// Serial tells of smallserial, serial and bigserial, which are a type with a sequence as its default.
func (t TypeFact) Serial() bool {
	switch t.Name {
	case "serial", "serial2", "serial4", "serial8", "smallserial", "bigserial":
		return t.Schema == "" && !t.Array
	}
	return false
}

// ExprFact is an expression.
type ExprFact struct {
	// Null is the constant NULL.
	Null bool
	// Calls are the functions by name, without those of the grammar such as COALESCE and CURRENT_DATE.
	Calls []Name
	// Columns are the names of columns, without their tables.
	Columns []string
	// Cast is the type of the outermost cast, and CastOf the column if nothing but a column is cast.
	Cast   *TypeFact
	CastOf string
	// AtTimeZone tells of the operator of that name.
	AtTimeZone bool
	SQL        string
}

// ConstraintFact is a constraint as it is declared.
type ConstraintFact struct {
	Name string
	// Kind is one of "check", "not null", "foreign key", "unique", "primary key", "exclude".
	Kind    string
	Columns []string
	// NotValid is set for NOT ENFORCED constraints of a table too: neither looks at the rows that are there.
	NotValid, NotEnforced, Enforced bool
	UsingIndex                      string
	References                      Name
	RefColumns                      []string
	Expr                            *ExprFact
	// Proves are the columns of which the condition says that they are not null, alone or joined with AND.
	Proves []string
}

// IndexFact is an index as it is declared; its table is in [Target.Of].
type IndexFact struct {
	Unique  bool
	Method  string
	Columns []string // key columns in order, "" for an expression
	Uses    []string // columns that expressions and the predicate mention
	Partial bool
	Include []string
}

// TriggerFact is a trigger as it is declared.
type TriggerFact struct {
	UpdateOf []string
	When     []string // columns that the condition mentions
	Events   []string
}

// SettingFact is SET or RESET.
type SettingFact struct {
	Name  string // lower case; "all" for RESET ALL
	Value string // the values joined with ", "; empty for RESET and SET … TO DEFAULT
	Local bool
	Reset bool
}

// QueryFact is what a query reads and changes.
type QueryFact struct {
	Reads []Name
	// Columns are the names of columns anywhere in it.
	Columns []string
	// Star tells of * in a list of results.
	Star   bool
	Calls  []Name
	Writes []WriteFact
}

// WriteFact is one change of rows.
type WriteFact struct {
	Verb  string // insert, update, delete, merge or copy
	Table Name
	// All is an UPDATE or DELETE without WHERE.
	All bool
	// Values is an INSERT of rows that are written out.
	Values bool
}

// Action is one part of ALTER TABLE or ALTER DOMAIN.
type Action struct {
	Do         Doing
	Name       string // the column, constraint or trigger
	Column     *ColumnFact
	Constraint *ConstraintFact
	Type       *TypeFact
	Collation  string
	// Expr is USING of a type, the new default, or the new expression of a generated column.
	Expr *ExprFact
	// Other is the partition or parent.
	Other                                        Name
	Default                                      bool // the partition is the default one
	Concurrently, IfExists, IfNotExists, Cascade bool
	Text                                         string // what else is set: a tablespace, an access method, the names of options
}

// Doing is what an action does.
type Doing string

// The actions of ALTER TABLE; "other" is what needs no word of its own here.
const (
	AddColumn          Doing = "add column"
	DropColumn         Doing = "drop column"
	AlterType          Doing = "alter type"
	SetDefault         Doing = "set default"
	DropDefault        Doing = "drop default"
	SetNotNull         Doing = "set not null"
	DropNotNull        Doing = "drop not null"
	SetExpression      Doing = "set expression"
	DropExpression     Doing = "drop expression"
	AddIdentity        Doing = "add identity"
	SetIdentity        Doing = "set identity"
	DropIdentity       Doing = "drop identity"
	SetStatistics      Doing = "set statistics"
	SetStorage         Doing = "set storage"
	SetCompression     Doing = "set compression"
	SetColumnOptions   Doing = "set column options"
	AddConstraint      Doing = "add constraint"
	AlterConstraint    Doing = "alter constraint"
	ValidateConstraint Doing = "validate constraint"
	DropConstraint     Doing = "drop constraint"
	SwitchTrigger      Doing = "enable or disable trigger"
	SwitchRule         Doing = "enable or disable rule"
	RowSecurity        Doing = "row level security"
	ReplicaIdentity    Doing = "replica identity"
	OwnerTo            Doing = "owner to"
	SetLogged          Doing = "set logged"
	SetUnlogged        Doing = "set unlogged"
	SetTablespace      Doing = "set tablespace"
	SetAccessMethod    Doing = "set access method"
	SetOptions         Doing = "set options"
	AttachPartition    Doing = "attach partition"
	DetachPartition    Doing = "detach partition"
	FinalizePartition  Doing = "detach partition finalize"
	Inherit            Doing = "inherit"
	NoInherit          Doing = "no inherit"
	ClusterOn          Doing = "cluster on"
	OtherAction        Doing = "other"
)
