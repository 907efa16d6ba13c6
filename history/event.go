package history

import (
	"time"

	"github.com/pleatdb/pleat/history/migration"
)

// Kind says what an event is. The set is open: readers pass over kinds that they do not know, so that an older
// pleat can read the log of a newer one.
type Kind string

// The kinds. Those marked (decides) make up the state of a migration; of these the last one wins.
const (
	Created     Kind = "created"      // the log was set up; detail.format is the version of its tables
	RunStarted  Kind = "run_started"  // a run began to change the database
	RunFinished Kind = "run_finished" // it ended well; snapshot is the catalog right after it
	RunFailed   Kind = "run_failed"   // it ended badly; snapshot is the catalog right after it, where it could be read

	StepStarted Kind = "step_started" // (decides) a step outside of a transaction is about to run
	StepDone    Kind = "step_done"    // (decides) the step is complete
	StepFailed  Kind = "step_failed"  // the step was refused by the server
	Applied     Kind = "applied"      // (decides) the migration is complete and verified
	Failed      Kind = "failed"       // (decides) the migration stopped before its end

	UndoStarted    Kind = "undo_started"    // (decides) as step_started, on the way back
	UndoDone       Kind = "undo_done"       // (decides) a part of the way back is complete
	UndoFailed     Kind = "undo_failed"     // a part of the way back was refused by the server
	RolledBack     Kind = "rolled_back"     // (decides) the migration is undone and verified
	RollbackFailed Kind = "rollback_failed" // the way back stopped before its end

	Baseline Kind = "baseline" // (decides) everything up to this version counts as present
	// Imported (decides where detail.in_effect is true) is that another tool applied the migration; detail says all that its history tells.
	Imported Kind = "imported"
	// ImportSummary closes an import of another tool's history; snapshot is the catalog as it was found, detail accounts for everything.
	ImportSummary Kind = "import_summary"
	// Frozen is that the tables of the tool whose history was imported were closed to it after the import; detail.tool, detail.frozen.
	Frozen Kind = "frozen"
	// ImportUndone is that an import was taken back, so that nothing before it counts any more.
	ImportUndone Kind = "import_undone"

	// Reset is that everything which was managed was dropped, so that nothing before it counts any more.
	Reset Kind = "reset"

	Resolved      Kind = "resolved"        // (decides) a person said what an interrupted step did; detail.outcome, detail.reason, detail.undo
	Approved      Kind = "approved"        // a person opened a gate
	Backup        Kind = "backup"          // a backup was taken and read back; detail.manifest is the digest of its manifest
	BackupSkipped Kind = "backup_skipped"  // a person let a run go without its backup; detail.reason
	Restored      Kind = "restored"        // rows of a backup were put back; detail.backup is the run that took it
	DriftSeen     Kind = "drift_seen"      // objects differ from the snapshot; detail.objects lists them
	LockTakenOver Kind = "lock_taken_over" // a lease that nobody kept up was released, by a person or by the next run; detail says whose

	// EvidenceCounted is the beginning of a count: how often each statement had been called by then; detail.servers.
	EvidenceCounted Kind = "evidence_counted"
	// EvidenceSafe is that nothing was found to use what a contract file takes away; detail.verdict.
	EvidenceSafe Kind = "evidence_safe"
	// EvidenceOverridden is that a person let a contract file run in spite of the evidence; detail.reason, detail.verdict.
	EvidenceOverridden Kind = "evidence_overridden"
)

// What a person can say of an interrupted step, in detail.outcome of a [Resolved] event.
const (
	ResolvedDone    = "done"
	ResolvedNotDone = "not_done"
)

// Client is the process that wrote an event.
type Client struct {
	Host        string
	User        string // of the operating system
	PID         int
	Application string // application_name of the session
}

// Event is what is to be recorded. Zero fields are recorded as null.
type Event struct {
	Kind    Kind
	Run     string // see NewRunID
	Version string // of the migration; text, because other tools' versions are not timestamps
	Name    string
	Phase   migration.Phase
	Step    int // from 1
	// Part and Parts say which part of a step's way back this is.
	Part, Parts int
	Checksum    string // of the migration's file
	Release     string // label of the release the run belongs to
	Client      Client
	Tool        string        // version of pleat
	Duration    time.Duration // recorded in milliseconds, rounded up
	SQLState    string        // of the server's error
	Snapshot    string        // fingerprint of the catalog right after
	// Detail is anything else: strings, numbers, booleans, lists and maps of them. It must hold no secret.
	Detail map[string]any
}

// Entry is a recorded event.
type Entry struct {
	ID int64 // from 1, without gaps
	At time.Time
	Event
	Actor        string // current_user
	SessionActor string // session_user; differs from Actor after SET ROLE
	Previous     string // digest of the row before; zeros for the first
	Digest       string
}
