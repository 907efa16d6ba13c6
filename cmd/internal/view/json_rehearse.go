package view

// Rehearsal is the result of rehearse.
type Rehearsal struct {
	Head
	Database string `json:"database,omitempty"`
	// Passed says that nothing speaks against the files; reasons say what does.
	Passed bool `json:"passed"`
	// Postgres is the version of the server with the copy, and Where says which server it is; absent when nothing is pending.
	Postgres string `json:"postgres,omitempty"`
	Where    string `json:"where,omitempty"`
	// Source is where the rows come from: generate, sample, none or clone. Rows is how many a table were asked for.
	Source string          `json:"source"`
	Rows   int             `json:"rows"`
	Files  []RehearsedFile `json:"files"`
	// Checks are the preflight checks that found rows on the target.
	Checks  []Offence         `json:"checks"`
	Tables  []FilledTable     `json:"tables"`
	Reasons []RehearsalReason `json:"reasons"`
	// Remarks are what does not speak against the files and should be known.
	Remarks []string `json:"remarks"`
	// Attached are the files into whose head the result was written.
	Attached []string `json:"attached"`
}

// RehearsedFile is a migration on the copy.
type RehearsedFile struct {
	File  string `json:"file"`
	Phase string `json:"phase,omitempty"`
	// Passages are those that were completed, of up, down and again.
	Passages []string        `json:"passages"`
	Steps    []RehearsedStep `json:"steps"`
}

// RehearsedStep is a step on one passage.
type RehearsedStep struct {
	Passage string `json:"passage"`
	// Number is 0 for a way back that is not divided by step.
	Number       int     `json:"number"`
	Title        string  `json:"title,omitempty"`
	Batched      bool    `json:"batched"`
	Milliseconds float64 `json:"milliseconds"`
	// LockMilliseconds is the longest time that a lock was held which keeps writers, or readers too, from a table that was there before; LockMode
	// and LockOn say which it was.
	LockMilliseconds float64 `json:"lock_milliseconds"`
	LockMode         string  `json:"lock_mode,omitempty"`
	LockOn           string  `json:"lock_on,omitempty"`
}

// FilledTable is a table of the copy.
type FilledTable struct {
	Table string `json:"table"`
	Rows  int64  `json:"rows"`
	// Wanted is how many rows were asked for, and Reason says why there are fewer.
	Wanted int    `json:"wanted"`
	Reason string `json:"reason,omitempty"`
}

// RehearsalReason is something that speaks against the files.
type RehearsalReason struct {
	// Code is check (rows stand in the way), target (the target would refuse the run), up, down or again (a passage failed), rows (rows
	// did not survive), state (a way does not end where it should), max-step or max-lock (a budget was exceeded).
	Code    string `json:"code"`
	File    string `json:"file,omitempty"`
	Step    int    `json:"step,omitempty"`
	Message string `json:"message"`
}
