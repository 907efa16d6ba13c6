package migration

import (
	"slices"
	"strconv"
	"strings"

	"github.com/pleatdb/pleat/schema"
)

// directive acts on one of pleat's lines; the text below it is taken by piece.
func (p *parser) directive(d directive) {
	switch d.word {
	case "up", "down":
		p.section(d)
	case "step":
		p.openStep(d)
	case "undo":
		p.openUndo(d)
	case "check", "no transaction", "batch":
		p.inStep(d)
	case "allow":
		code, reason, _ := strings.Cut(d.rest, " ")
		if code == "" || strings.TrimSpace(reason) == "" {
			p.fail(d, "allow needs a code and a reason", "for example: -- pleat: allow rewrite the table is empty")
			return
		}
		a := Allow{Code: code, Reason: unescape(strings.TrimSpace(reason)), Line: d.line}
		if b := p.current(false); b != nil {
			a.Step = b.number
		}
		p.m.Allow = append(p.m.Allow, a)
	default:
		p.header(d)
	}
}

// section opens the up or the down part.
func (p *parser) section(d directive) {
	if d.rest != "" {
		p.failf(d, "", "unexpected %q after %q", oneLine(d.rest), d.word)
		return
	}
	if d.word == "up" {
		if len(p.blocks) > 0 {
			p.fail(d, "\"up\" comes after statements or a second time", "it stands once, before the first statement")
		}
		p.blocks = append(p.blocks, &block{opened: d})
		return
	}
	if p.m.HasDown {
		p.fail(d, "\"down\" stands a second time", "")
	}
	p.m.HasDown = true
	p.blocks = append(p.blocks, &block{down: true, opened: d})
}

func (p *parser) openStep(d directive) {
	number, title, _ := strings.Cut(d.rest, " ")
	n, err := strconv.Atoi(number)
	switch {
	case err != nil || n < 1:
		p.fail(d, "a step needs a number", "for example: -- pleat: step 1 add column slug")
		return
	case p.m.HasDown:
		p.fail(d, "a step below \"down\"", "the way back of a step is opened by: -- pleat: undo "+number)
		return
	}
	b := &block{number: n, title: unescape(strings.Trim(title, " \t")), opened: d}
	if want := p.lastStep() + 1; n != want {
		p.failf(d, "steps are numbered from 1 without gaps", "step %d where step %d is due", n, want)
	}
	p.blocks = append(p.blocks, b)
}

func (p *parser) lastStep() int {
	n := 0
	for _, b := range p.blocks {
		if !b.down {
			n = max(n, b.number)
		}
	}
	return n
}

// openUndo opens the undo of a step. Repeated with "loses", it adds to what the undo loses.
func (p *parser) openUndo(d directive) {
	number, rest, _ := strings.Cut(d.rest, " ")
	n, err := strconv.Atoi(number)
	if err != nil || n < 1 {
		p.fail(d, "an undo needs the number of its step", "for example: -- pleat: undo 1")
		return
	}
	if !p.m.HasDown {
		p.fail(d, "an undo above \"down\"", "write this line before it: -- pleat: down")
		return
	}
	var loses []string
	if rest = strings.Trim(rest, " \t"); rest != "" {
		what, ok := strings.CutPrefix(rest, "loses ")
		if !ok {
			p.failf(d, "it is: -- pleat: undo N loses WHAT", "unexpected %q after \"undo %d\"", oneLine(rest), n)
			return
		}
		loses = []string{unescape(strings.Trim(what, " \t"))}
	}
	b := p.current(true)
	if b.down && b.number == n && len(b.stmts) == 0 {
		b.loses = append(b.loses, loses...)
		return
	}
	if b.number > 0 && b.down && n >= b.number {
		p.failf(d, "the way back runs from the last step to the first", "undo %d below undo %d", n, b.number)
	}
	p.blocks = append(p.blocks, &block{down: true, number: n, loses: loses, opened: d})
}

// inStep takes the directives that describe the step they stand in.
func (p *parser) inStep(d directive) {
	b := p.current(true)
	if len(b.stmts) > 0 {
		p.failf(d, "", "%q comes after statements of its step", d.word)
		return
	}
	switch d.word {
	case "no transaction":
		if d.rest != "" {
			p.failf(d, "", "unexpected %q after %q", oneLine(d.rest), d.word)
		}
		b.outside = true
	case "check":
		if d.rest == "" {
			p.fail(d, "a check without a message", "for example: -- pleat: check users without an email")
		}
		if b.down {
			p.fail(d, "a check below \"down\"", "checks belong to steps")
		}
	case "batch":
		if b.down || b.number == 0 {
			p.fail(d, "batch stands outside of a numbered step", "")
		}
		b.batch = p.batch(d)
	}
}

// header takes the directives at the head of the file.
func (p *parser) header(d directive) {
	if len(p.blocks) > 0 {
		p.failf(d, "", "%q belongs to the head of the file, above the first statement", d.word)
		return
	}
	m, text := p.m, unescape(d.rest)
	if d.rest == "" {
		p.failf(d, "", "%q says nothing", d.word)
		return
	}
	switch d.word {
	case "migration":
		m.Generated = true
		if want := m.Version + " " + m.Name; text != want {
			p.failf(d, "a file keeps its name", "migration %q in a file for %q", text, want)
		}
	case "phase":
		if Phase(text) != m.Phase {
			p.failf(d, "the phase is in the file name too: .expand.sql or .contract.sql", "phase %q in %s", text, p.file)
		}
	case "contract of":
		p.contractOf(d, text)
	case "scope":
		scope, ok := readScope(text)
		if !ok {
			p.fail(d, "scope needs two fingerprints", "it is: -- pleat: scope BEFORE → AFTER")
		}
		m.Before, m.After = scope.Before, scope.After
	case "beside":
		p.beside(d, text)
	case "object":
		id, err := schema.ParseID(d.rest) // IDs bring their own escapes
		if err != nil {
			p.fail(d, err.Error(), "")
		}
		if slices.Contains(m.Objects, id) {
			p.failf(d, "", "%s stands twice", id)
		}
		m.Objects = append(m.Objects, id)
	case "proven":
		m.Proven = text
	case "rehearsed":
		m.Rehearsed = text
	case "forward-only":
		m.ForwardOnly = text
	case "destructive":
		m.Destructive = append(m.Destructive, text)
	}
}

func (p *parser) contractOf(d directive, version string) {
	p.m.ContractOf = version
	if p.m.Phase != Contract {
		p.fail(d, "\"contract of\" in a file that is no contract", "call the file "+p.m.Version+"_"+p.m.Name+".contract.sql")
	}
	if err := CheckVersion(version); err != nil {
		p.fail(d, err.Error(), "")
	} else if version >= p.m.Version {
		p.failf(d, "a contract is younger than its expand", "contract %s of %s", p.m.Version, version)
	}
}

// readScope reads two fingerprints with an arrow between them.
func readScope(text string) (Scope, bool) {
	before, after, ok := strings.Cut(strings.ReplaceAll(text, "->", "→"), "→")
	s := Scope{strings.TrimSpace(before), strings.TrimSpace(after)}
	return s, ok && s.Before != "" && s.After != ""
}

// beside reads both orders of this file and a contract file that was pending when it was planned.
func (p *parser) beside(d directive, text string) {
	contract, scopes, _ := strings.Cut(text, " ")
	first, then, _ := strings.Cut(scopes, " then ")
	b := Beside{Contract: contract}
	var one, two bool
	b.First, one = readScope(first)
	b.Then, two = readScope(then)
	switch {
	case !one || !two:
		p.fail(d, "beside needs a version and two scopes", "it is: -- pleat: beside VERSION BEFORE → AFTER then BEFORE → AFTER")
		return
	case p.m.BesideOf(contract) != nil:
		p.failf(d, "", "beside %s stands twice", contract)
	}
	if err := CheckVersion(contract); err != nil {
		p.fail(d, err.Error(), "")
	} else if contract >= p.m.Version {
		p.failf(d, "the contract was there before this file", "%s beside %s", p.m.Version, contract)
	}
	p.m.Beside = append(p.m.Beside, b)
}
