package sqltext

import "google.golang.org/protobuf/reflect/protoreflect"

// message is a node of a raw parse tree, of whatever kind.
type message = protoreflect.Message

// walk visits a tree depth first, a node before its children, in the order of the fields.
// visit returns false to leave the children out.
func walk(m message, visit func(m message) bool) {
	if visit(m) {
		children(m, func(c message) { walk(c, visit) })
	}
}

// children calls f with each message that m holds.
func children(m message, f func(c message)) {
	fields := m.Descriptor().Fields()
	for i := range fields.Len() {
		field := fields.Get(i)
		if field.Kind() != protoreflect.MessageKind || !m.Has(field) {
			continue
		}
		if !field.IsList() {
			f(m.Get(field).Message())
			continue
		}
		list := m.Get(field).List()
		for j := range list.Len() {
			f(list.Get(j).Message())
		}
	}
}
