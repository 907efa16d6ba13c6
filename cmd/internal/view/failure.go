package view

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/pleatdb/pleat/apply"
	"github.com/pleatdb/pleat/cmd/internal/connect"
	"github.com/pleatdb/pleat/cmd/internal/draft"
	"github.com/pleatdb/pleat/history"
	"github.com/pleatdb/pleat/history/migration"
	"github.com/pleatdb/pleat/inspect/shadow"
	"github.com/pleatdb/pleat/inspect/shadow/server"
	"github.com/pleatdb/pleat/planner"
	"github.com/pleatdb/pleat/schema"
	"github.com/pleatdb/pleat/schema/hclfile"
	"github.com/pleatdb/pleat/schema/sqltext"
)

// Refusal is that pleat will not do what was asked. Code is one of the words of [Explain].
type Refusal struct {
	Code, Message string
	// Next says how to go on.
	Next string
	// Differences are the objects that are meant.
	Differences []string
}

// Error is the message and how to go on.
func (e *Refusal) Error() string {
	if e.Next == "" {
		return e.Message
	}
	return e.Message + "; " + e.Next
}

// Wanted is an error that came up for what files declare; Desired knows where.
type Wanted struct {
	Err     error
	Desired *hclfile.Desired
}

// Error is the error's own text.
func (e *Wanted) Error() string { return e.Err.Error() }

// Unwrap gives the error.
func (e *Wanted) Unwrap() error { return e.Err }

// Bug is a panic that was caught.
type Bug struct {
	Value any
	Stack string
}

// Error says that the fault is pleat's.
func (e *Bug) Error() string { return fmt.Sprintf("this is a bug in pleat: %v", e.Value) }

// Explain turns an error into its published shape. The codes are:
//
//	usage          the command line cannot be read
//	diagnostics    files of the user are wrong; field diagnostics
//	connection     the database could not be reached or would not let us in
//	shadow         no throw-away server could be had
//	engine         PostgreSQL refused the text of an object
//	unsupported    the change is none that pleat can make
//	unmanaged      an object that pleat does not model stands in the way
//	rename         a drop and a creation look like a rename that nobody declared
//	move           a declared rename cannot be honoured
//	proof          a plan does not lead where it should: a fault of pleat
//	drift          objects are not what a migration expects; field differences
//	checksum       files are not what pleat.sum or the log recorded
//	migration      a migration file cannot be read
//	chain          the log is not as it was written
//	lock-held      another run did not end
//	gate           a contract file is held
//	destructive    a plan destroys what --fail-on protects; field differences
//	data           rows stand in the way of a step
//	step           a step failed
//	refused        pleat will not do it; field reason
//	not-built      the option is known but is not built yet
//	interrupted    the command was interrupted
//	internal       a fault of pleat
//	error          anything else
//
// Of import, about the history of another tool (field problems):
//
//	several_histories  more than one was found, and none was chosen
//	ambiguous          one table that could be that of several tools
//	no_history         none of the tool that was asked for
//	tool_running       the tool holds its lock, or somebody writes its table
//	unreadable         the role may not read or lock the table, or a row cannot be understood
//	failed_migration   a row says that a migration failed
//	dirty              the tool marked the database as needing a person
//	half_applied       a migration was begun and not ended
//	mismatch           a file is not the one that ran
//	missing_file       a migration ran whose file is gone
//	duplicate_version  two files, or two rows in effect, have one version
//	unknown_kind       a row of a kind that this pleat does not know
//	unknown_revision   the recorded position is none that the files lead to
//	gap                the tool would pass over a file that has not run, or stop at it
//	pending_code       a migration that has not run is a program, which only its tool can run
//	pending_files      with --log-only, files have not run here that the project has no migration for
//	built_on           an import cannot be undone, as something was done since
func Explain(err error) Failure {
	f := Failure{Code: "error", Message: err.Error()}
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		f.SQLState = pg.Code
	}
	for _, explain := range []func(error, *Failure) bool{explainCommand, explainPlan, explainRun, explainWorld} {
		if explain(err, &f) {
			break
		}
	}
	var restorable *Restorable
	if errors.As(err, &restorable) {
		f.Restore = restorable.Command
	}
	if f.Code == "interrupted" {
		f.Message = strings.ReplaceAll(f.Message, context.Canceled.Error(), "interrupted")
	}
	return f
}

// explainCommand knows what the command line and the user's files did wrong.
func explainCommand(err error, f *Failure) bool {
	var diags *DiagnosticsError
	var refusal *Refusal
	var history *ImportRefusal
	var bug *Bug
	switch {
	case errors.As(err, &diags):
		f.Code, f.Diagnostics = "diagnostics", Diagnostics(diags.Diags, diags.Files)
		f.Message = plural(errorsOf(f.Diagnostics), "problem") + " in the files"
		for _, d := range f.Diagnostics {
			if d.File != "" {
				f.File, f.Line, f.Column = d.File, d.Line, d.Column
				break
			}
		}
	case errors.As(err, &refusal):
		f.Code, f.Message, f.Next, f.Differences = refusal.Code, refusal.Message, refusal.Next, refusal.Differences
	case errors.As(err, &history):
		history.explain(f)
	case errors.As(err, &bug):
		f.Code, f.Next = "internal", "report it with the lines below"
	default:
		return false
	}
	return true
}

// errorsOf counts what is not a warning.
func errorsOf(list []Diagnostic) (n int) {
	for _, d := range list {
		if d.Severity == "error" {
			n++
		}
	}
	return n
}

// explainPlan knows what planning can meet.
func explainPlan(err error, f *Failure) bool {
	var unsupported *planner.Unsupported
	var rename *draft.RenameError
	var object *shadow.ObjectError
	var proof *shadow.ProofError
	var move *planner.MoveError
	switch {
	case errors.As(err, &move):
		f.Code, f.Object = "move", move.Move.To.String()
		locateMove(err, move.Move, f)
	case errors.As(err, &proof):
		f.Code, f.Differences = "proof", proof.Differences
		f.Next = "nothing was written; this is a fault of pleat, so report it with the files"
	case errors.As(err, &unsupported):
		f.Code, f.Object = "unsupported", unsupported.Object.String()
		if unsupported.Object.Kind == schema.KindUnmanaged {
			f.Code = "unmanaged"
		}
		locateObject(err, unsupported.Object, f)
	case errors.As(err, &rename):
		f.Code, f.Object = "rename", rename.Pairs[0].From.String()
		for _, p := range rename.Pairs {
			f.Differences = append(f.Differences, fmt.Sprintf("%s -> %s", p.From, p.To))
		}
		f.Next = "declare it with a moved block, or say that the drop is meant with a removed block or --renames drop"
		f.Message = fmt.Sprintf("dropping %s and creating %s looks like a rename that nobody declared", rename.Pairs[0].From, rename.Pairs[0].To)
		locateObject(err, rename.Pairs[0].To, f)
	case errors.As(err, &object):
		explainObject(err, object, f)
	default:
		return false
	}
	return true
}

// explainRun knows what a run can meet.
func explainRun(err error, f *Failure) bool {
	var step *apply.StepError
	var drift *apply.DriftError
	var checksum *apply.ChecksumError
	var held *apply.LockHeldError
	var gate *apply.GateClosed
	var check *apply.CheckError
	var refused *apply.Refused
	switch {
	case errors.As(err, &step):
		f.Code, f.SQLState, f.SQL, f.Next = "step", step.SQLState, sqltext.MaskSecrets(step.Statement.SQL), step.Next
		f.File, f.Line, f.Column = step.Migration.File(), step.Line, step.Column
		f.Step = failedStep(step)
		if errors.Is(err, context.Canceled) {
			f.Code = "interrupted"
		}
	case errors.As(err, &drift):
		f.Code, f.File, f.Next = "drift", drift.File, drift.Next
		for _, o := range drift.Objects {
			f.Differences = append(f.Differences, o.String())
		}
		if len(drift.Objects) > 0 {
			f.Object = drift.Objects[0].ID.String()
		}
	case errors.As(err, &checksum):
		f.Code, f.File = "checksum", checksum.File
	case errors.As(err, &held):
		f.Code = "lock-held"
	case errors.As(err, &gate):
		f.Code, f.Reason, f.File = "gate", gate.Held.Reason, gate.Held.Migration.File()
	case errors.As(err, &check):
		f.Code = "data"
	case errors.As(err, &refused):
		f.Code, f.Reason, f.Next = "refused", refused.Code, refused.Next
	default:
		return false
	}
	return true
}

// explainWorld knows files, connections and the log.
func explainWorld(err error, f *Failure) bool {
	var connection *connect.Error
	var absent *server.NotFoundError
	var chain *history.ChainError
	var integrity *migration.IntegrityError
	var syntax migration.SyntaxErrors
	var single *migration.SyntaxError
	var name *migration.NameError
	var path *fs.PathError
	switch {
	case errors.Is(err, context.Canceled):
		f.Code = "interrupted"
	case errors.As(err, &connection):
		f.Code, f.Next = "connection", connection.Hint
		if f.SQLState == "" {
			f.SQLState = connection.Code
		}
	case errors.As(err, &absent):
		f.Code, f.Next = "shadow", absent.Mend()
	case errors.As(err, &chain), errors.Is(err, history.ErrOccupied):
		f.Code = "chain"
	case errors.As(err, &integrity):
		f.Code = "checksum"
		if len(integrity.Problems) > 0 {
			f.File = integrity.Problems[0].File
		}
	case errors.As(err, &syntax):
		f.Code = "migration"
		f.syntax(syntax)
	case errors.As(err, &single):
		f.Code = "migration"
		f.syntax(migration.SyntaxErrors{single})
	case errors.As(err, &name):
		f.Code, f.File, f.Next = "migration", name.File, name.Hint
	case errors.As(err, &path):
		f.Code, f.File = "error", path.Path
	default:
		return false
	}
	return true
}

// syntax shows what is wrong with a migration file as diagnostics.
func (f *Failure) syntax(list migration.SyntaxErrors) {
	for _, e := range list {
		f.Diagnostics = append(f.Diagnostics, Diagnostic{
			Severity: "error", Summary: e.Summary, Detail: e.Hint, File: e.File, Line: e.Line, Column: e.Column, Source: e.Source,
		})
	}
	if len(list) > 0 {
		f.Message = plural(len(list), "problem") + " in the migration files"
		f.File, f.Line, f.Column = list[0].File, list[0].Line, list[0].Column
	}
}
