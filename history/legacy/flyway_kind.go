package legacy

// flywayKind is what a row's type says of it.
type flywayKind struct {
	state State
	// program is set where a class or a script of another language ran, undo where it took a version back, script where the row is
	// about a baseline script (B files) and not about the command of that name.
	program, undo, script bool
	note                  string
}

// schemaRow stands for the row that says that Flyway made the schema.
const schemaRow State = "schema"

// flywayKinds are the types that Flyway 2 to 13 wrote, by their names in the column.
var flywayKinds = func() map[string]flywayKind {
	kinds := map[string]flywayKind{
		"SCHEMA": {state: schemaRow}, "BASELINE": {state: Baseline}, "INIT": {state: Baseline},
		"DELETE": {state: Undone, note: "flyway repair marked its file as deleted; what it made may still be there"},
	}
	for _, base := range []string{"SQL", "JDBC", "SCRIPT", "SPRING_JDBC", "JAVA", "CUSTOM"} {
		program := base != "SQL"
		kinds[base] = flywayKind{state: Applied, program: program}
		kinds["UNDO_"+base] = flywayKind{state: Undone, program: program, undo: true, note: "undone with Flyway"}
		kinds[base+"_BASELINE"] = flywayKind{state: Baseline, program: program, script: true}
		kinds[base+"_STATE_SCRIPT"] = flywayKind{state: Baseline, program: program, script: true}
	}
	return kinds
}()

// fill sets what the kind decides. The key is the version's form, or that of a repeatable script.
func (k flywayKind) fill(e *Entry, success bool) {
	e.State = k.state
	if e.Note == "" {
		e.Note = k.note
	}
	switch {
	case k.state == Applied && e.Version == "":
		e.State = Repeatable
	case k.state == Baseline && k.script:
		e.Key = "B" + e.Key
	case k.state == Baseline:
		e.Key = "baseline-" + e.Key
		e.File = FileMatch{State: FileUnverifiable, Reason: "a baseline needs no file"}
	}
	if k.program {
		e.File = FileMatch{State: FileUnverifiable, Reason: "it is a program, whose checksum only Flyway can work out"}
	}
	if !success {
		e.State, e.Note = Failed, ""
	}
}
