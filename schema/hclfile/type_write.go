package hclfile

import (
	"strings"
)

// typeWords are the bare words for built-in types whose printed name is no single word.
var typeWords = map[string]string{
	"double precision": "double_precision", "character varying": "character_varying", "bit varying": "bit_varying",
	"timestamp with time zone": "timestamptz", "timestamp without time zone": "timestamp",
	"time with time zone": "timetz", "time without time zone": "time",
}

// typeExpr writes a type: a reference, a bare word, or sql("…"), whichever reads back as the same text. bare types are
// those of parameters and results, which have no modifier.
func (w *writer) typeExpr(text string, bare bool) string {
	key := typeText{text, bare}
	expr, ok := w.words[key]
	if !ok {
		expr = w.newTypeExpr(text, bare)
		w.words[key] = expr
	}
	return expr
}

func (w *writer) newTypeExpr(text string, bare bool) string {
	t := w.readBack.typeText(text)
	if t.known && !t.name.array {
		switch {
		case t.id.Kind != 0 && t.text == text && len(t.name.mods) == 0:
			return w.ref(t.id)
		case t.name.builtin && t.name.fields == "":
			word := t.name.name
			if long, ok := typeWords[word]; ok {
				word = long
			}
			if len(t.name.mods) > 0 {
				word += "(" + strings.Join(t.name.mods, ", ") + ")"
			}
			if isTypeExpr(word) && w.readsType(word, bare) == text {
				return word
			}
		}
	}
	return sqlCall(text)
}

func isTypeExpr(word string) bool {
	name, _, _ := strings.Cut(word, "(")
	return isWord(name) && isTypeWord(name)
}

func (w *writer) readsType(expr string, bare bool) string {
	b := w.parseAttr(expr)
	if b == nil {
		return ""
	}
	t, ok := b.readType("x")
	switch {
	case !ok:
		return ""
	case bare:
		return t.bare()
	}
	return t.text
}
