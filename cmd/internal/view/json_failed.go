package view

import "time"

// FailedStep is what is in the database after a step failed, and what is not.
type FailedStep struct {
	// Number is from 1; absent for a way back that is not divided by step.
	Number int    `json:"number,omitempty"`
	Title  string `json:"title,omitempty"`
	Back   bool   `json:"back"`
	// StepsDone of Steps of the file are in the database; on the way back, still are.
	StepsDone int `json:"steps_done"`
	Steps     int `json:"steps"`
	// Unknown says that the connection broke in the step, and that it is not known what became of it.
	Unknown bool `json:"unknown"`
	// Settling says by what it became known, or why it did not.
	Settling string `json:"settling,omitempty"`
	// Rows and Batches are in the database of a step in batches.
	Rows    int64 `json:"rows,omitempty"`
	Batches int64 `json:"batches,omitempty"`
	// Interrupted says that the run was asked to stop.
	Interrupted bool `json:"interrupted"`
	// Blockers stood in the way of its locks, in words, until its budget was spent.
	Blockers []string `json:"blockers,omitempty"`
	// NotRun are the files that were not begun.
	NotRun []string `json:"not_run"`
}

// Resolution is the result of resolve.
type Resolution struct {
	Head
	Database string `json:"database,omitempty"`
	File     string `json:"file"`
	Version  string `json:"migration"`
	// Step is the one in doubt, from 1; Part is that of its way back.
	Step int  `json:"step"`
	Part int  `json:"part,omitempty"`
	Back bool `json:"back"`
	// SQL is the statement, which was about to be sent At, by the role By in the Run.
	SQL  string    `json:"sql"`
	At   time.Time `json:"at"`
	By   string    `json:"by"`
	Host string    `json:"host,omitempty"`
	Run  string    `json:"run"`
	// Outcome is "done" or "not_done"; absent where it was only looked.
	Outcome string `json:"outcome,omitempty"`
	Reason  string `json:"reason,omitempty"`
	// StepsDone of Steps of the file count as being in the database.
	StepsDone int `json:"steps_done"`
	Steps     int `json:"steps"`
	// Next is the command that goes on.
	Next string `json:"next"`
}
