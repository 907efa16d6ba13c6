package hclfile

import (
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
)

var (
	boolType   = cty.Bool
	stringType = cty.String
)

// loadAll turns the declared blocks into objects: schemas first, then in the order of the files.
func (l *loader) loadAll() {
	for _, first := range []bool{true, false} {
		for _, b := range l.root.blocks {
			if (b.kind == "schema") == first {
				l.loadBlock(b)
			}
		}
	}
	for _, f := range l.pending {
		f()
	}
	l.orderAttached()
	l.orderDefaults()
	for _, b := range l.root.blocks {
		switch b.kind {
		case "moved":
			l.loadMoved(b)
		case "removed":
			l.loadRemoved(b)
		case "ignore":
			l.out.Ignore = append(l.out.Ignore, b.strings("objects")...)
		}
	}
	l.checkMoves()
	l.checkPartitionCycles()
	l.dedupe()
	l.out.texts, l.out.bodies = l.texts, l.bodies
}

func (l *loader) loadBlock(b *block) {
	s := l.byBlock[b]
	if s == nil {
		return // what is wrong with it is reported
	}
	switch b.kind {
	case "schema":
		l.loadSchema(b)
	case "extension":
		l.loadExtension(b)
	case "enum":
		l.loadEnum(b, s)
	case "domain":
		l.loadDomain(b, s)
	case "composite":
		l.loadComposite(b, s)
	case "sequence":
		l.loadSequence(b, s)
	case "table":
		l.loadTable(b, s)
	case "partition":
		l.loadPartition(b, s)
	case "view":
		l.loadView(b, s)
	case "materialized":
		l.loadMaterialized(b, s)
	case "function":
		l.loadFunction(b, s)
	case "procedure":
		l.loadProcedure(b, s)
	case "trigger":
		l.loadTrigger(b, s)
	case "policy":
		l.loadPolicy(b, s)
	}
}

// checkPartitionCycles reports a table that is its own ancestor.
func (l *loader) checkPartitionCycles() {
	for _, b := range l.root.blocks {
		s := l.byBlock[b]
		if s == nil || len(s.parents) == 0 || b.kind == "trigger" || b.kind == "policy" {
			continue
		}
		at := s
		for range maxInheritance {
			if len(at.parents) == 0 {
				break
			}
			if at = at.parents[0]; at == s {
				b.errorf(b.def, "Cycle in inheritance", "%s is its own parent.", s.id)
				break
			}
		}
	}
}

// dedupe keeps one of equal diagnostics: an expression that is looked at twice is reported once.
func (l *loader) dedupe() {
	slices.SortStableFunc(l.diags, compareDiagnostics)
	l.diags = slices.CompactFunc(l.diags, func(a, b *hcl.Diagnostic) bool {
		return a.Summary == b.Summary && a.Detail == b.Detail && a.Subject != nil && b.Subject != nil && *a.Subject == *b.Subject
	})
}
