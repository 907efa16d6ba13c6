package foreign

import (
	"strings"

	"github.com/pleatdb/pleat/schema/sqltext"
)

// Mode is how a tool sends a piece of a file to the server.
type Mode uint8

const (
	// Wrapped is inside of a transaction that the tool opens.
	Wrapped Mode = iota
	// OneQuery sends the text as it is in one message, which PostgreSQL runs as one transaction where it holds more than
	// one statement (protocol, "Multiple Statements in a Simple Query").
	OneQuery
	// Single sends each statement by itself, as psql does.
	Single
	// Automatic is Wrapped, unless a statement cannot run in a transaction: then each runs by itself.
	Automatic
)

// control is what a statement does to a transaction.
type control uint8

const (
	none control = iota
	begin
	end
	other // savepoints and their like, which stay inside
)

// units divides statements into what shares a transaction.
func units(stmts []Statement, m Mode) []Unit {
	if len(stmts) == 0 {
		return nil
	}
	d := divider{stmts: stmts}
	d.classify()
	switch m {
	case OneQuery:
		d.message = len(stmts) > 1
	case Automatic:
		// A file with transactions of its own was written for psql.
		d.wrap = d.transactional && !d.ordered()
		d.implicit = d.transactional && !d.controls
	case Wrapped:
		d.wrap = true
	}
	if d.wrap {
		return []Unit{{Transactional: true, Statements: stmts}}
	}
	return d.divide()
}

type divider struct {
	stmts []Statement
	kinds []control
	// controls says that there is a transaction command; transactional that every statement may run in a transaction.
	controls, transactional bool
	// wrap puts all into one transaction; implicit and message do so for what stands outside of the text's own ones.
	wrap, implicit, message bool
}

func (d *divider) classify() {
	d.transactional = true
	d.kinds = make([]control, len(d.stmts))
	for i, s := range d.stmts {
		c := sqltext.Classify(s.SQL)
		d.transactional = d.transactional && c.Transactional
		if c.TransactionControl {
			d.kinds[i] = controlOf(s.SQL)
			d.controls = d.controls || d.kinds[i] != other
		}
	}
}

// controlOf reads the first words of a statement that is known to be a transaction command.
func controlOf(sql string) control {
	words := strings.Fields(strings.ToLower(sql))
	switch words[0] {
	case "begin", "start":
		return begin
	case "commit", "end", "abort":
		return end
	case "rollback":
		if len(words) > 1 && (words[1] == "to" || words[len(words)-2] == "to" || words[1] == "prepared") {
			return other
		}
		return end
	}
	return other
}

// ordered reports whether every begin has its end and nothing is nested.
func (d *divider) ordered() bool {
	open := false
	for _, k := range d.kinds {
		switch {
		case k == begin && open, k == end && !open:
			return false
		case k == begin:
			open = true
		case k == end:
			open = false
		}
	}
	return !open
}

// divide follows the transaction commands of the text. Where they are in order they only divide; where not, they stay.
func (d *divider) divide() (out []Unit) {
	keep := !d.ordered()
	var open *Unit
	add := func(s Statement, like Unit) {
		if open == nil {
			out = append(out, like)
			open = &out[len(out)-1]
		}
		open.Statements = append(open.Statements, s)
		if !like.Transactional && !like.OneMessage {
			open = nil
		}
	}
	inside := false
	for i, s := range d.stmts {
		switch k := d.kinds[i]; k {
		case begin, end:
			if k == begin && !inside {
				open = nil
			}
			inside = k == begin
			if keep {
				add(s, Unit{Transactional: true})
			}
			if k == end {
				open = nil
			}
		default:
			add(s, Unit{Transactional: inside || d.implicit, OneMessage: d.message && !inside})
		}
	}
	return out
}
