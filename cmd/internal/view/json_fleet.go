package view

// Fleet is the result of a command over an environment with many targets.
type Fleet struct {
	Head
	Environment string `json:"environment"`
	// Run names the run in its ledger, the file Ledger, for --resume; empty for a command that changes nothing.
	Run    string `json:"run,omitempty"`
	Ledger string `json:"ledger,omitempty"`
	// All is how many targets the environment has; Targets are those that this command was about.
	All     int           `json:"all"`
	Targets []FleetTarget `json:"targets"`
	// Counts is how many targets came out in which state.
	Counts map[string]int `json:"counts"`
	// Stopped says why not all was started; absent where all was.
	Stopped string `json:"stopped,omitempty"`
}

// FleetPlan is the result of plan over an environment with many targets: one plan for each state in which targets are.
type FleetPlan struct {
	Head
	Environment string `json:"environment"`
	// All is how many targets were looked at.
	All    int  `json:"all"`
	DryRun bool `json:"dry_run"`
	// Plans are sorted by how many targets they are for. Only the first is written.
	Plans []GroupPlan `json:"plans"`
	// Unreachable are targets that could not be read.
	Unreachable []FleetTarget `json:"unreachable"`
}

// GroupPlan is the plan for targets that are alike.
type GroupPlan struct {
	// Count is how many targets; Targets names them, the first 50 of many.
	Count   int      `json:"count"`
	Targets []string `json:"targets"`
	// NoOp says that nothing differs from the schema files.
	NoOp bool `json:"no_op"`
	// Name, Changes, Summary, Steps, Risks, Files and SQL are as in [Plan]; absent where there are so many states that this one was not
	// planned for.
	Name    string     `json:"name,omitempty"`
	Changes []Change   `json:"changes,omitempty"`
	Summary Summary    `json:"summary"`
	Steps   []PlanStep `json:"steps,omitempty"`
	Risks   []Risk     `json:"risks,omitempty"`
	Files   []string   `json:"files,omitempty"`
	SQL     string     `json:"sql,omitempty"`
	// Differences are how the targets differ from those of the first plan, and Log how their logs do.
	Differences []Change `json:"differences,omitempty"`
	Log         []string `json:"log,omitempty"`
	// Error says why there is no plan.
	Error *Failure `json:"error,omitempty"`
}

// FleetTarget is how the command came out for one target.
type FleetTarget struct {
	Target string `json:"target"`
	// Schema is set where the target is a schema that stands for the template.
	Schema string `json:"schema,omitempty"`
	// State is done, up_to_date (there was nothing to do), differs, failed, interrupted or not_started.
	State        string `json:"state"`
	Canary       bool   `json:"canary"`
	Milliseconds int64  `json:"milliseconds"`
	// Code and Message say what failed, as in [Failure], or in a few words what was done.
	Code    string `json:"code,omitempty"`
	Message string `json:"message,omitempty"`
	// Report is the object that the command prints for one database.
	Report any `json:"report,omitempty"`
}
