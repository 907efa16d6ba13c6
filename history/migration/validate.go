package migration

import (
	"fmt"
	"strings"
)

// ProblemKind is what is wrong between a directory and its pleat.sum.
type ProblemKind string

const (
	// Missing is a directory with migrations and no pleat.sum.
	Missing ProblemKind = "missing"
	// Malformed is a line of pleat.sum that is none, of a torn write for example.
	Malformed ProblemKind = "malformed"
	// Conflicted is a pleat.sum with the marks of a merge conflict.
	Conflicted ProblemKind = "conflicted"
	// Edited is a file whose text is not what pleat.sum recorded.
	Edited ProblemKind = "edited"
	// Added is a file that pleat.sum does not know.
	Added ProblemKind = "added"
	// Removed is a file that pleat.sum knows and that is gone.
	Removed ProblemKind = "removed"
	// Tampered is a pleat.sum whose lines do not add up to its own digest.
	Tampered ProblemKind = "tampered"
)

// Problem is one thing that is wrong.
type Problem struct {
	Kind ProblemKind
	File string // base name
	Line int    // of pleat.sum; 0 where no line is meant
}

// String says it in one line.
func (p Problem) String() string {
	switch p.Kind {
	case Missing:
		return SumFile + " is missing"
	case Malformed:
		return fmt.Sprintf("%s:%d: is not a line that pleat wrote", SumFile, p.Line)
	case Conflicted:
		return fmt.Sprintf("%s:%d: holds a merge conflict: two branches added migrations", SumFile, p.Line)
	case Edited:
		return p.File + ": was edited after it was added"
	case Added:
		return p.File + ": is not in " + SumFile
	case Removed:
		return p.File + ": is in " + SumFile + " but gone"
	case Tampered:
		return SumFile + ": its lines do not add up to its own digest"
	}
	return p.File + ": " + string(p.Kind)
}

// IntegrityError says that a directory is not what its pleat.sum recorded.
type IntegrityError struct {
	Path     string
	Problems []Problem
}

// Error lists the problems, one a line, and how to go on.
func (e *IntegrityError) Error() string {
	lines := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		lines[i] = p.String()
	}
	return fmt.Sprintf("the migrations in %s are not what %s recorded: %s; if every one of these changes is meant, run: pleat hash",
		e.Path, SumFile, strings.Join(lines, "; "))
}

// Validate compares the directory with its pleat.sum. The result is nil or an *IntegrityError.
func (d *Dir) Validate() error {
	if problems := d.problems(); len(problems) > 0 {
		return &IntegrityError{d.Path, problems}
	}
	return nil
}

func (d *Dir) problems() []Problem {
	if d.sum == nil {
		if len(d.Files) == 0 {
			return nil
		}
		return []Problem{{Kind: Missing, File: SumFile}}
	}
	r, problems := readSum(d.sum)
	if len(problems) > 0 {
		return problems
	}
	present := map[string]bool{}
	for _, f := range d.Files {
		present[f.Name] = true
		switch r.files[f.Name] {
		case f.Checksum:
		case "":
			problems = append(problems, Problem{Kind: Added, File: f.Name})
		default:
			problems = append(problems, Problem{Kind: Edited, File: f.Name, Line: r.lines[f.Name]})
		}
	}
	for _, name := range r.order {
		if !present[name] {
			problems = append(problems, Problem{Kind: Removed, File: name, Line: r.lines[name]})
		}
	}
	if len(problems) == 0 && r.whole != d.Digest() {
		problems = append(problems, Problem{Kind: Tampered, File: SumFile})
	}
	return problems
}
