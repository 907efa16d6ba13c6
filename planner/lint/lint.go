package lint

import (
	"cmp"
	"slices"
	"time"

	"github.com/pleatdb/pleat/planner"
	"github.com/pleatdb/pleat/schema"
)

// SmallTable is the size in bytes below which work under a lock is over before anybody notices.
const SmallTable = 10 << 20

// File is one migration.
type File struct {
	Path    string
	Version string
	// Contract is set for the second half of a change, whose drops were announced by the first.
	Contract bool
	// Managed is set where pleat applies the file: it bounds lock waits itself, logs each statement, and has a session
	// of its own. Rules about timeouts, repetition and what a session leaves behind are silent then.
	Managed bool
	// Context marks a file that is only read for what it makes: nothing is reported about it.
	Context bool
	Up      []Unit
	Down    []Unit
	Allow   []Allow
}

// Unit is what a runner sends together.
type Unit struct {
	// Transactional is set where the runner wraps the unit into a transaction.
	Transactional bool
	// OneMessage is set where the runner sends the unit as one message, which PostgreSQL runs as one transaction
	// unless it holds commands of its own.
	OneMessage bool
	// Batched steps are cut by key into transactions of their own.
	Batched    bool
	Step       int
	Statements []Statement
}

// Statement is one SQL statement without its semicolon, with its place in the file, both from 1.
type Statement struct {
	SQL          string
	Line, Column int
	// Effect is what a server of the right version did; nil where it was not measured.
	Effect *planner.Effect
}

// Allow accepts findings of a code: of the whole file, of one step, or of the next statement after a line.
type Allow struct {
	Code, Reason string
	Step         int // 0 for the whole file
	Line         int // where it stands, from 1
	// Next restricts it to the first statement after Line.
	Next bool
}

// Severity says how bad a finding is.
type Severity string

// The severities.
const (
	Error   Severity = "error"
	Warning Severity = "warning"
	Note    Severity = "note"
)

// Options are what is known beside the files.
type Options struct {
	// Major is the server's major version; 0 stands for the newest that is known.
	Major int
	// Schema is where unqualified names lie; empty for public.
	Schema string
	// Catalog is the state before the first file, or nil.
	Catalog *schema.Catalog
	// Sizes are bytes by table: heap, TOAST and indexes. A table that is not in it has an unknown size.
	Sizes map[schema.ID]int64
	// Server is what is known of the running server, or nil.
	Server *Server
	Policy Policy
	// Cost puts an effect into words and time; nil for no estimates.
	Cost func(planner.Effect) (string, time.Duration)
}

// Server is the state of a running server.
type Server struct {
	// Version is server_version_num, such as 140002; 0 if unknown.
	Version int
	// DeadlockTimeout is the server's; 0 if unknown, which stands for the default of one second.
	DeadlockTimeout time.Duration
	// Blockers are old transactions that hold locks on tables.
	Blockers []Blocker
	// Starred are the tables that known statements read with * or return with RETURNING *.
	Starred []schema.ID
}

// Blocker is a transaction that a migration would wait for.
type Blocker struct {
	On  schema.ID
	Who string // such as "pid 4711 (app reports, user report), open for 35 min"
}

// Finding is one hazard at one place.
type Finding struct {
	Code     string
	Title    string
	Severity Severity
	File     string
	Down     bool // on the way down
	Line     int
	Column   int
	Step     int
	SQL      string
	Object   schema.ID // zero where no single object is meant
	Why      string
	Safe     string
	Holds    string // the versions of PostgreSQL, such as "12 to 18"; empty for all
	// Measured is set where a server decided; otherwise rules did.
	Measured bool
	Cost     string
	// Allowed is the directive that accepts the finding, or nil.
	Allowed *Allow
}

// Check judges files in their order. The findings are sorted by file, place and code.
func Check(files []File, o Options) []Finding {
	w := newWorld(o)
	var out []Finding
	for i := range files {
		f := &files[i]
		w.file++
		w.schema = w.first
		c := checker{world: w, options: &o, file: f}
		c.run(f.Up)
		if len(f.Down) > 0 && !f.Context {
			back := checker{world: w.clone(), options: &o, file: f, down: true}
			back.world.file, back.world.schema = -w.file, w.first
			back.run(f.Down)
			c.findings = append(c.findings, back.findings...)
		}
		if f.Context {
			continue
		}
		found := c.judge()
		slices.SortStableFunc(found, func(a, b Finding) int {
			return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column), cmp.Compare(a.Code, b.Code))
		})
		out = append(out, found...)
	}
	return out
}
