package shadow

import "strings"

// noticed is what the server said of a statement at the level DEBUG1. The sentences are those of PostgreSQL 13 to 18
// (src/backend/commands/tablecmds.c, src/backend/catalog/index.c); names stand in them as they are, without a schema and
// without doubled quotes.
//
// What the server says of work that it leaves out ("existing constraints on column … are sufficient to prove …",
// "partition constraint for table … is implied by existing constraints") needs no reading: it then says nothing of a scan.
type noticed struct {
	// verified and rewritten are names of tables that are read in full, and written anew.
	verified, rewritten []string
	// built are indexes that are built, and validated foreign keys whose rows are checked.
	built     []builtIndex
	validated []string
}

// builtIndex holds every way to read a sentence that names an index and its table: a name may contain what
// stands between the two.
type builtIndex struct {
	readings [][2]string
}

func parseNotices(messages []string) (n noticed) {
	for _, m := range messages {
		if name, ok := between(m, `rewriting table "`, `"`); ok {
			n.rewritten = append(n.rewritten, name)
		} else if name, ok := between(m, `verifying table "`, `"`); ok {
			n.verified = append(n.verified, name)
		} else if name, ok := between(m, `validating foreign key constraint "`, `"`); ok {
			n.validated = append(n.validated, name)
		} else if b, ok := building(m); ok {
			n.built = append(n.built, b)
		}
	}
	return n
}

// building reads `building index "i" on table "t" serially`, which ends in `with request for 2 parallel workers`
// where the server plans some.
func building(message string) (builtIndex, bool) {
	names, ok := between(message, `building index "`, `" serially`)
	if !ok {
		names, ok = between(message, `building index "`, " parallel workers")
		if at := strings.LastIndex(names, `" with request for `); ok && at >= 0 {
			names = names[:at]
		} else {
			ok = false
		}
	}
	var out builtIndex
	const middle = `" on table "`
	for from := 0; ok; {
		at := strings.Index(names[from:], middle)
		if at < 0 {
			break
		}
		at += from
		out.readings = append(out.readings, [2]string{names[:at], names[at+len(middle):]})
		from = at + 1
	}
	return out, len(out.readings) > 0
}

// between cuts both ends off a text that has them.
func between(text, before, after string) (string, bool) {
	rest, ok1 := strings.CutPrefix(text, before)
	rest, ok2 := strings.CutSuffix(rest, after)
	return rest, ok1 && ok2
}
