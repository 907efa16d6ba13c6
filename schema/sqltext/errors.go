package sqltext

import (
	"fmt"
	"strings"
)

// SyntaxError reports text that cannot be cut into statements at all.
type SyntaxError struct {
	Line int    // 1-based line on which What starts
	What string // e.g. "unterminated string"
}

func (e *SyntaxError) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.What) }

// UnsupportedError reports what only psql can run: one of its own commands, or
// COPY with its rows inside the script.
type UnsupportedError struct {
	Line int    // 1-based line of the command
	Name string // e.g. `\copy` or "COPY FROM STDIN"
	// Start and End are the byte offsets of the command: of its name, or of all of COPY without its semicolon.
	Start, End int
}

func (e *UnsupportedError) Error() string {
	if strings.HasPrefix(e.Name, `\`) {
		return fmt.Sprintf("line %d: %s is a command of psql, not SQL", e.Line, e.Name)
	}
	return fmt.Sprintf("line %d: %s needs rows from the client, which a script cannot carry", e.Line, e.Name)
}

// lineAt returns the 1-based line of the byte at offset.
func lineAt(text string, offset int) int { return 1 + strings.Count(text[:offset], "\n") }
