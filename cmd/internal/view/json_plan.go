package view

import "time"

// Attribute is one difference inside an object.
type Attribute struct {
	// Name is a path such as "column total: type"; of a comment or owner it is that word.
	Name string `json:"name"`
	// Action is "create", "update" or "delete".
	Action string `json:"action"`
	// Before and After are absent where the attribute is created or deleted.
	Before any `json:"before,omitempty"`
	After  any `json:"after,omitempty"`
}

// Change is one object that differs.
type Change struct {
	// Action is "create", "update", "delete", "rename", or "rebuild" for an object that is dropped and made again as it was.
	Action string `json:"action"`
	Object string `json:"object"`
	// From is the former name of what is renamed.
	From string `json:"from,omitempty"`
	// Within is the object with which this one comes or goes; such changes are not counted in the summary.
	Within string `json:"within,omitempty"`
	// Attributes are only of updates and of tables that are created.
	Attributes []Attribute `json:"attributes"`
}

// Summary counts the changes that stand for themselves.
type Summary struct {
	Add     int `json:"add"`
	Change  int `json:"change"`
	Destroy int `json:"destroy"`
	Rebuild int `json:"rebuild"`
	Rename  int `json:"rename"`
}

// PlanStep is a step of a plan.
type PlanStep struct {
	Number int    `json:"number"`
	Title  string `json:"title"`
	// Statements and Undo are SQL without final semicolons; Undo is the way back.
	Statements []string `json:"statements"`
	Undo       []string `json:"undo"`
	// Transaction is false for a statement that runs outside of one. Batched is set where it runs in many, over ranges of rows.
	Transaction bool `json:"transaction"`
	Batched     bool `json:"batched"`
	// Phase is expand or contract, Reason why the step has the form that it has.
	Phase  string `json:"phase"`
	Reason string `json:"reason"`
}

// Risk is something about a plan that a reviewer must see.
type Risk struct {
	// Risk is "destructive": the object goes together with the data in it; "rewrite": its rows are written anew; or "blocking": work
	// that takes as long as the object is large is done under a lock that makes others wait.
	Risk    string `json:"risk"`
	Object  string `json:"object"`
	Message string `json:"message"`
	// Step is the number of the step that does it; 0 for what the file that empties the trash drops.
	Step int `json:"step"`
}

// Plan is the result of plan.
type Plan struct {
	Head
	Listed
	Database string `json:"database,omitempty"`
	// NoOp says that nothing differs.
	NoOp   bool `json:"no_op"`
	DryRun bool `json:"dry_run"`
	// Name is the migration's name with its version; empty when nothing differs.
	Name    string     `json:"name,omitempty"`
	Changes []Change   `json:"changes"`
	Summary Summary    `json:"summary"`
	Steps   []PlanStep `json:"steps"`
	Risks   []Risk     `json:"risks"`
	// Drift lists the objects that changed outside of pleat since its last run.
	Drift []Change `json:"drift"`
	// Pending are the files that the database has not seen yet; the plan starts after them.
	Pending []string `json:"pending"`
	// Files are the paths of the files written; empty on a dry run.
	Files []string `json:"files"`
	// SQL is the text of the migration that was or would be written.
	SQL string `json:"sql,omitempty"`
}

// Drift is the result of drift.
type Drift struct {
	Head
	Listed
	Database string `json:"database,omitempty"`
	// Against is "snapshot" or "schema".
	Against string `json:"against"`
	// Since is when the snapshot was taken; absent where it is not compared with one.
	Since *time.Time `json:"since,omitempty"`
	// InSync says that nothing differs.
	InSync bool `json:"in_sync"`
	// Differences go from what was wanted (before) to what is there now (after).
	Differences []Change `json:"differences"`
	// Repair is the SQL that would bring the wanted state back, with Unrepairable saying why there is none.
	Repair       []string `json:"repair"`
	Unrepairable string   `json:"unrepairable,omitempty"`
	Risks        []Risk   `json:"risks"`
}
