package migration

import "fmt"

// finish turns the blocks into steps and undos and checks what holds for the file as a whole.
func (p *parser) finish() {
	p.steps()
	p.down()
	m := p.m
	switch {
	case m.Phase == Contract && m.ContractOf == "" && !m.Generated:
		p.fail(directive{line: 1, column: 1}, "a contract does not name its expand", "write: -- pleat: contract of VERSION")
	case m.ForwardOnly != "" && m.HasDown:
		p.fail(directive{line: 1, column: 1}, "\"forward-only\" and \"down\" contradict each other", "")
	case len(m.Beside) > 0 && !m.Bounded():
		p.fail(directive{line: 1, column: 1}, "\"beside\" without a scope", "")
	case (m.Before == "") != (m.Objects == nil):
		p.fail(directive{line: 1, column: 1}, "\"scope\" and \"object\" go together", "")
	}
	if len(p.errs) == 0 && len(m.Steps) == 0 {
		p.fail(directive{line: 1, column: 1}, "holds no statement", "write the SQL, or delete the file")
	}
}

func (p *parser) steps() {
	numbered := p.lastStep() > 0
	for _, b := range p.blocks {
		p.unwrap(b)
		switch {
		case b.down:
		case b.number > 0:
			p.numberedStep(b)
		case numbered && len(b.stmts) > 0:
			p.failAt(b.stmts[0], "a statement above the first step", "move it into a step")
		case numbered && (len(b.checks) > 0 || b.outside):
			p.fail(b.opened, "a directive of a step stands above the first step", "move it into a step")
		default:
			p.plainSteps(b)
		}
	}
}

func (p *parser) numberedStep(b *block) {
	s := Step{
		Number: b.number, Title: b.title, Notes: b.notes, NoTransaction: b.outside, Checks: b.checks, Batch: b.batch,
		Statements: b.stmts, Line: b.opened.line, Wrapped: b.wrapped,
	}
	if len(b.stmts) == 0 {
		p.failf(b.opened, "write its statement, or delete the line", "step %d holds no statement", b.number)
	}
	if b.batch != nil && len(b.stmts) > 0 {
		p.batched(b)
	}
	for _, stmt := range b.stmts {
		k := p.kind(stmt)
		switch {
		case k.outside && b.wrapped:
			p.notWhole(b, stmt)
		case k.outside && len(b.stmts) > 1:
			p.failAt(stmt, fmt.Sprintf("%s cannot run in a transaction, but step %d holds other statements", k.verb, b.number),
				"give it a step of its own")
		case k.outside:
			s.NoTransaction = true
		}
	}
	if b.outside && len(b.stmts) > 1 {
		p.failAt(b.stmts[1], "a step without transaction holds a second statement",
			"give each statement a step of its own, so that a failure between them is no riddle")
	}
	p.m.Steps = append(p.m.Steps, s)
}

// plainSteps divides statements that nobody numbered.
func (p *parser) plainSteps(b *block) {
	parts := p.divide(b)
	p.whole(b, parts)
	for i, part := range parts {
		s := Step{Number: i + 1, Wrapped: b.wrapped, NoTransaction: part.outside, Statements: part.stmts, Line: part.stmts[0].Line}
		if i == 0 {
			s.Checks = b.checks
		}
		p.m.Steps = append(p.m.Steps, s)
	}
	if len(p.m.Steps) == 0 && len(b.checks) > 0 {
		p.failAt(b.checks[0].Query, "a check without a statement that it guards", "")
	}
}

func (p *parser) down() {
	var numbered, plain *block
	for _, b := range p.blocks {
		switch {
		case !b.down:
		case b.number == 0 && len(b.stmts) > 0:
			plain = b
		case b.number > 0:
			numbered = b
			if b.number > len(p.m.Steps) {
				p.failf(b.opened, "", "undo %d, but the last step is %d", b.number, len(p.m.Steps))
			}
		}
		if b.down {
			p.undo(b)
		}
	}
	switch {
	case numbered != nil && plain != nil:
		p.failAt(plain.stmts[0], "a statement outside of an undo", "move it below an undo, or number none of them")
	case p.m.HasDown && numbered == nil && plain == nil && !p.m.Generated:
		p.fail(p.blocks[len(p.blocks)-1].opened, "the way back is empty",
			"delete the line if there is no way back; write SELECT 1 below it if nothing is to be done")
	}
}

func (p *parser) undo(b *block) {
	parts := p.divide(b)
	p.whole(b, parts)
	if b.number > 0 && len(parts) == 0 {
		p.failf(b.opened, "write the way back, or delete the line", "undo %d holds no statement", b.number)
	}
	for i, part := range parts {
		u := Undo{
			Step: b.number, Part: i + 1, Parts: len(parts), NoTransaction: part.outside, Statements: part.stmts,
			Line: part.stmts[0].Line,
		}
		if i == 0 {
			u.Loses = b.loses
		}
		p.m.Down = append(p.m.Down, u)
	}
}

// part is a run of statements that share a transaction, or one that has none.
type part struct {
	outside bool
	stmts   []Statement
}

// divide cuts statements into what can share a transaction. An added enum value cannot be used before
// its transaction commits (PostgreSQL 12 and later, ALTER TYPE, Notes), so it ends the part.
func (p *parser) divide(b *block) []part {
	var out []part
	var last *part
	enum := false
	for _, stmt := range b.stmts {
		k := p.kind(stmt)
		outside := k.outside || b.outside
		if last == nil || outside || last.outside || enum && !k.enumValue {
			out = append(out, part{outside: outside})
			last = &out[len(out)-1]
		}
		last.stmts = append(last.stmts, stmt)
		enum = k.enumValue
	}
	return out
}
