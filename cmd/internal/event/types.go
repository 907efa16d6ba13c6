package event

import "slices"

// The types of events.
const (
	TypeVersion          = "version"
	TypeMessage          = "message"
	TypeWarning          = "warning"
	TypeNotice           = "notice"
	TypeLockWaiting      = "lock.waiting"
	TypeCheckFound       = "check.found"
	TypeDriftSeen        = "drift.seen"
	TypeRunStarted       = "run.started"
	TypeRunFinished      = "run.finished"
	TypeRunIdle          = "run.idle"
	TypeRunFailed        = "run.failed"
	TypeRunInterrupted   = "run.interrupted"
	TypeMigrationStarted = "migration.started"
	TypeMigrationDone    = "migration.done"
	TypeStepStarted      = "step.started"
	TypeStepRetried      = "step.retried"
	TypeStepProgress     = "step.progress"
	TypeStepThrottled    = "step.throttled"
	TypeStepBlocked      = "step.blocked"
	TypeBlockerEnded     = "blocker.ended"
	TypeStepDone         = "step.done"
	TypeHookDone         = "hook.done"
	TypeHookFailed       = "hook.failed"
)

// Type is a word for what happened, with what it means.
type Type struct{ Name, Meaning string }

// types is the list that docs/events.md prints.
var types = []Type{
	{TypeVersion, "the first line of a log: which program wrote it"},
	{TypeRunStarted, "everything is checked and the run is in the log of the database; `objects` are the files"},
	{TypeRunFinished, "the run ended well; `result` is what `--json` prints"},
	{TypeRunIdle, "there was nothing to run; `result` says what is held"},
	{TypeRunFailed, "the run failed, or could not begin; `error` is what `--json` prints"},
	{TypeRunInterrupted, "the run was asked to stop, by a signal"},
	{TypeMigrationStarted, "a migration begins, or its way back"},
	{TypeMigrationDone, "a migration is complete and verified"},
	{TypeStepStarted, "a step begins"},
	{TypeStepRetried, "a step did not get its locks and will be tried again after `pause_ms`"},
	{TypeStepProgress, "how far a step in batches is, or a statement that takes long; at most one in five seconds, and one at the end of batches"},
	{TypeStepThrottled, "a step in batches is held back, or goes on"},
	{TypeStepBlocked, "`blockers` stand in the way of a step; `count` sessions wait behind it"},
	{TypeBlockerEnded, "a session of somebody else was cancelled or ended, because the options wish it"},
	{TypeStepDone, "a step is committed"},
	{TypeLockWaiting, "another run holds the lock"},
	{TypeCheckFound, "rows stand in the way of a step, or its check was put off"},
	{TypeDriftSeen, "objects changed outside of pleat since its last run"},
	{TypeHookDone, "a hook ended well"},
	{TypeHookFailed, "a hook failed or took too long"},
	{TypeWarning, "anything else that a person should know"},
	{TypeNotice, "a notice of the server while a step ran"},
	{TypeMessage, "what a person would read on standard error"},
}

// Types are all types of events, in the order of the documentation.
func Types() []Type { return slices.Clone(types) }

// Names are the names of all types.
func Names() []string {
	out := make([]string, len(types))
	for i, t := range types {
		out[i] = t.Name
	}
	return out
}
