package backup

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/pleatdb/pleat/history"
)

// PointMode says whether a named restore point is put into the write-ahead log.
type PointMode string

const (
	// PointAuto makes one where the role may and the server can. It is the zero value's meaning.
	PointAuto PointMode = ""
	// PointWanted fails where none can be made.
	PointWanted PointMode = "on"
	// PointOff makes none.
	PointOff PointMode = "off"
)

// Defaults of [Settings].
const (
	DefaultDir     = ".pleat/backups"
	DefaultKeep    = 5
	DefaultMaxSize = 1 << 30
	DefaultTimeout = 10 * time.Minute
)

// Settings say what a backup is made of. With neither Rows, Dump nor Command, Rows is meant.
type Settings struct {
	Point PointMode
	// Rows copies the rows that a run will change or take away into the schema pleat_backup.
	Rows bool
	// Dump writes archives of the touched tables and of the whole schema with pg_dump.
	Dump bool
	// Command is run with its arguments, and must end well; Verify after it. No shell is involved.
	Command, Verify []string
	// Timeout is how long each of the two may take; 0 means DefaultTimeout.
	Timeout time.Duration
	// Dir holds the manifests and archives; empty means DefaultDir.
	Dir string
	// Keep is how many backups of a database stay; 0 means DefaultKeep.
	Keep int
	// MaxSize bounds the copy of one table in bytes (0 means DefaultMaxSize), MaxRows in rows (0 means no bound).
	MaxSize, MaxRows int64
	// SkipTooLarge leaves tables out that are larger, and says so; otherwise they are an error.
	SkipTooLarge bool
	// Always takes a backup before every run, not only before those that lose data, rewrite or fill tables.
	Always bool
}

func (s *Settings) complete() {
	if !s.Rows && !s.Dump && len(s.Command) == 0 {
		s.Rows = true
	}
	if s.Dir == "" {
		s.Dir = DefaultDir
	}
	if s.Keep == 0 {
		s.Keep = DefaultKeep
	}
	if s.MaxSize == 0 {
		s.MaxSize = DefaultMaxSize
	}
	if s.Timeout == 0 {
		s.Timeout = DefaultTimeout
	}
}

// Access is how programs that are started beside pleat reach the same database.
type Access struct {
	// Env are libpq's variables, PGHOST=…, without any password.
	Env []string
	// Role is set after connecting; empty for none.
	Role string
	// Refuse is why programs cannot be given this connection; nil where they can.
	Refuse error
}

// Taker takes backups before runs.
type Taker struct {
	Settings Settings
	// Connect opens a connection that may write, on the server that the run will change. Required.
	Connect func(ctx context.Context) (*pgx.Conn, error)
	Access  Access
	// Skip is why this run goes without a backup; it is recorded.
	Skip string
	// Force takes a backup even where the settings ask for none before such a run.
	Force bool
	// Tool is the version of pleat.
	Tool string
	// Now is the time, for manifests. Required.
	Now func() time.Time
	// Progress is told what takes time, Warn what a person should know. Required.
	Progress, Warn func(string)
	// Output receives what the user's command prints. Required where there is a command.
	Output func(line string)
	// Needed says which of these versions still have a way back that may need a backup: those whose contract is pending. Nil keeps none
	// beyond Settings.Keep.
	Needed func(ctx context.Context, conn *pgx.Conn) (map[string]bool, error)
}

// Error is why no backup could be taken. Next says what helps.
type Error struct {
	Doing, Reason, Next string
	Err                 error
}

// Error is one line.
func (e *Error) Error() string {
	text := e.Doing + ": " + e.Reason
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	if e.Next != "" {
		text += "; " + e.Next
	}
	return text
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// skipped is the event of a run that goes without.
func (t *Taker) skipped() []history.Event {
	t.Warn("this run goes without a backup: " + t.Skip)
	return []history.Event{{Kind: history.BackupSkipped, Detail: map[string]any{"reason": t.Skip}}}
}
