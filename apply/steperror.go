package apply

import (
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/pleatdb/pleat/history/migration"
	"github.com/pleatdb/pleat/schema/sqltext"
)

// StepError says which statement failed, what is in the database now, and how to go on.
type StepError struct {
	Migration *migration.Migration
	Step      int // 0 for a way back that is not divided by step
	Title     string
	Back      bool
	// Statement failed; its SQL is empty when the step failed outside of one, while committing for example.
	Statement migration.Statement
	// Line, Column and Source say where in the file the server found the error; Line is 0 when it did not say.
	Line, Column int
	Source       string
	SQLState     string
	// Unknown is set when the connection broke while the step was committing: it is in the database, or it is not.
	Unknown bool
	// Settling says what became clear of a step whose connection broke, and by what; empty otherwise.
	Settling string
	// Interrupted is set when the run was asked to stop.
	Interrupted bool
	// StepsDone is how many steps are in the database now; NotRun lists the migrations that were not begun.
	StepsDone int
	// Rows and Batches are how much of a step in batches is in the database.
	Rows, Batches int64
	NotRun        []*migration.Migration
	Next          string // the next command, and what it will do
	Err           error
}

// newStepError places the server's answer in the file.
func newStepError(m *migration.Migration, stmt migration.Statement, err error) *StepError {
	e := &StepError{Migration: m, Statement: stmt, SQLState: sqlState(err), Err: err}
	var pg *pgconn.PgError
	if stmt.SQL == "" {
		return e
	}
	e.Line, e.Column, e.Source = stmt.Locate(1)
	if errors.As(err, &pg) && pg.Position > 0 {
		e.Line, e.Column, e.Source = stmt.Locate(int(pg.Position))
	}
	e.Source = sqltext.MaskSecrets(e.Source)
	return e
}

// Error is everything a person needs: place, caret, the server's words, what happened and how to go on.
func (e *StepError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s%s%s: %s", e.Migration.File(), e.where(), e.became(), e.Err)
	if e.Line > 0 {
		fmt.Fprintf(&b, "\n  %s:%d:%d\n  %s\n  %s^", e.Migration.File(), e.Line, e.Column, e.Source, strings.Repeat(" ", max(e.Column-1, 0)))
	}
	var pg *pgconn.PgError
	if errors.As(e.Err, &pg) {
		for _, part := range []struct{ label, text string }{{"detail", pg.Detail}, {"hint", pg.Hint}, {"where", pg.Where}} {
			if part.text != "" {
				fmt.Fprintf(&b, "\n  %s: %s", part.label, part.text)
			}
		}
	}
	b.WriteString("\n" + e.Now())
	if e.Next != "" {
		b.WriteString("\n" + e.Next)
	}
	return b.String()
}

func (e *StepError) became() string {
	if e.Interrupted && e.Statement.SQL == "" {
		return " was not begun"
	}
	return " failed"
}

func (e *StepError) where() string {
	switch {
	case e.Back && e.Step == 0:
		return ": the way back"
	case e.Back:
		return fmt.Sprintf(": undo %d", e.Step)
	case e.Title != "":
		return fmt.Sprintf(": step %d (%s)", e.Step, e.Title)
	}
	return fmt.Sprintf(": step %d", e.Step)
}

// Now says what is in the database after the failure.
func (e *StepError) Now() string {
	of := len(e.Migration.Steps)
	var s string
	switch {
	case e.Unknown:
		s = "the connection broke while the step was committing, so it may or may not be in the database"
	case e.StepsDone == 0 && e.Batches > 0:
		s = "no step of this file is complete in the database"
	case e.StepsDone == 0:
		s = "nothing of this file is in the database"
	default:
		s = fmt.Sprintf("%d of %d steps of this file are in the database", e.StepsDone, of)
	}
	if e.Settling != "" {
		s += " (" + e.Settling + ")"
	}
	if e.Batches > 0 {
		s += fmt.Sprintf("; step %d changed %d rows so far, in %d batches", e.Step, e.Rows, e.Batches)
	}
	if n := len(e.NotRun); n > 0 {
		s += fmt.Sprintf("; %d later files were not begun", n)
	}
	return s
}

// Unwrap gives the server's error.
func (e *StepError) Unwrap() error { return e.Err }
