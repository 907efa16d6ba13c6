package hclfile

import (
	"maps"
	"slices"
	"strings"
)

// spec says what a block may hold. Everything else is an error.
type spec struct {
	attrs    []string
	required []string
	blocks   map[string]*spec
	// minLabels and maxLabels bound the number of labels.
	minLabels, maxLabels int
	// single blocks occur at most once in their parent.
	single bool
	// open blocks take attributes of any name: the names are PostgreSQL's.
	open bool
}

// shape makes a spec from words: "name" is an attribute, "name!" one that must be there.
func shape(words string) *spec {
	s := &spec{blocks: map[string]*spec{}}
	for word := range strings.FieldsSeq(words) {
		name, required := strings.CutSuffix(word, "!")
		s.attrs = append(s.attrs, name)
		if required {
			s.required = append(s.required, name)
		}
	}
	return s
}

func (s *spec) labels(least, most int) *spec {
	s.minLabels, s.maxLabels = least, most
	return s
}

func (s *spec) once() *spec {
	s.single = true
	return s
}

// with adds inner blocks: name, spec, name, spec.
func (s *spec) with(name string, inner *spec) *spec {
	s.blocks[name] = inner
	return s
}

func (s *spec) hasAttr(name string) bool { return slices.Contains(s.attrs, name) }

func (s *spec) attrNames() []string { return s.attrs }

func (s *spec) blockNames() []string { return slices.Sorted(maps.Keys(s.blocks)) }

// intentAttrs are what blocks of any named object take beside their own.
const intentAttrs = " comment renamed_from depends_on name"

func topSpecs() map[string]*spec {
	return map[string]*spec{
		"schema":       schemaSpec().labels(1, 1),
		"extension":    extensionSpec().labels(1, 1),
		"enum":         enumSpec().labels(1, 2),
		"domain":       domainSpec().labels(1, 2),
		"composite":    compositeSpec().labels(1, 2),
		"sequence":     sequenceSpec().labels(1, 2),
		"table":        tableSpec().labels(1, 2),
		"partition":    partitionSpec().labels(1, 2),
		"view":         viewSpec().labels(1, 2),
		"materialized": materializedSpec().labels(1, 2),
		"function":     functionSpec().labels(1, 2),
		"procedure":    procedureSpec().labels(1, 2),
		"trigger":      triggerSpec("on!").labels(1, 2),
		"policy":       policySpec("on!").labels(1, 2),
		"moved":        shape("from! to! strategy args"),
		"removed":      shape("from! destroy trash args").with("lifecycle", shape("destroy").once()),
		"ignore":       shape("objects!"),
	}
}
