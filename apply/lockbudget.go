package apply

import (
	"fmt"
	"strings"
	"time"
)

// LockBudgetError says that a step did not get its locks within the time, or within the harm to others, that it has for that. It
// is the cause of a [StepError].
type LockBudgetError struct {
	Spent    time.Duration
	Attempts int
	// Harm is how long sessions waited behind those attempts in all. Harmed is set when that, not the time, is
	// what ended it.
	Harm   time.Duration
	Harmed bool
	// Mode and On are the lock that was waited for, where that was seen.
	Mode, On string
	Blockers []Blocker
	// Err is the server's last answer.
	Err error
}

// Error says what was waited for and who stood in the way.
func (e *LockBudgetError) Error() string {
	var b strings.Builder
	what := "its locks"
	if e.On != "" {
		what = e.Mode + " on " + e.On
	}
	fmt.Fprintf(&b, "it did not get %s in %s within %s", what, attempts(e.Attempts), rough(e.Spent))
	if e.Harmed {
		fmt.Fprintf(&b, ", and sessions behind it had waited %s in all, which is as much as a step may cost them", rough(e.Harm))
	}
	fmt.Fprintf(&b, ": %s", e.Err)
	for _, blocker := range e.Blockers {
		b.WriteString("\n  in the way: " + blocker.String())
	}
	return b.String()
}

func attempts(n int) string {
	if n == 1 {
		return "1 attempt"
	}
	return fmt.Sprintf("%d attempts", n)
}

// Unwrap gives the server's answer.
func (e *LockBudgetError) Unwrap() error { return e.Err }

// next says how to go on, for those who stand in the way.
func (e *LockBudgetError) next() string {
	var ways []string
	add := func(way string) {
		for _, w := range ways {
			if w == way {
				return
			}
		}
		ways = append(ways, way)
	}
	for _, b := range e.Blockers {
		switch {
		case b.Prepared != "":
			add("end the prepared transaction with COMMIT PREPARED or ROLLBACK PREPARED")
		case b.Wraparound:
			add("let the vacuum to prevent wraparound end")
		case b.autovacuum():
			add("let the autovacuum end, or cancel it with --cancel-blockers autovacuum")
		case strings.HasPrefix(b.State, "idle in transaction"):
			add("end what is idle in a transaction, or let pleat with --cancel-blockers idle:30s")
		}
	}
	if e.Harmed {
		add("take a quieter time")
	}
	add("run it again: pleat apply goes on there (--lock-budget gives it longer)")
	return strings.Join(ways, "; ")
}
