package hclfile

import (
	"math"
	"strconv"
	"strings"

	"github.com/pleatdb/pleat/schema"
)

const routineAttrs = "schema lang! as! security config_params transforms library sql_body" + intentAttrs

func routineSpec(more string) *spec {
	return shape(more+" "+routineAttrs).
		with("arg", shape("type! mode default").labels(0, 1)).
		with("config_params", paramsSpec())
}

func functionSpec() *spec {
	return routineSpec("return return_set volatility strict leakproof parallel cost rows support window").
		with("return_table", shape("").with("column", shape("type!").labels(1, 1)).once())
}

func procedureSpec() *spec { return routineSpec("") }

func (l *loader) loadFunction(b *block, s *symbol) {
	f := &schema.Function{Routine: l.routine(b, s)}
	f.Window, f.Strict, f.Leakproof = b.boolean("window", false), b.boolean("strict", false), b.boolean("leakproof", false)
	f.Support = strings.TrimSpace(b.str("support"))
	if v := b.word("volatility", "IMMUTABLE", "STABLE", "VOLATILE"); v != "VOLATILE" {
		f.Volatility = v
	}
	if p := b.word("parallel", "SAFE", "RESTRICTED", "UNSAFE"); p != "UNSAFE" {
		f.Parallel = p
	}
	types := l.returns(f, b)
	standard := "100"
	if f.Language == "c" || f.Language == "internal" {
		standard = "1"
	}
	if f.Cost = b.planNumber("cost"); f.Cost == standard {
		f.Cost = ""
	}
	if f.Rows = b.planNumber("rows"); f.Rows == "1000" {
		f.Rows = ""
	}
	l.addRoutine(f, &f.Routine, b, s, types)
}

// returns reads the result: a type, a set of a type, or a table.
func (l *loader) returns(f *schema.Function, b *block) (types []typeValue) {
	table := b.child("return_table")
	stated := 0
	for _, attr := range []string{"return", "return_set"} {
		if !b.has(attr) {
			continue
		}
		stated++
		t, _ := b.readType(attr)
		f.Returns, f.ReturnsSet = t.bare(), attr == "return_set"
		types = append(types, t)
	}
	if table != nil {
		stated++
		f.ReturnsSet = true
		for _, c := range table.children("column") {
			t, _ := c.readType("type")
			f.Args = append(f.Args, schema.Arg{Name: c.name(), Mode: "TABLE", Type: t.bare()})
			types = append(types, t)
		}
		if len(table.children("column")) == 0 {
			table.errorf(table.def, "Missing columns", "return_table needs at least one column.")
		}
	}
	switch out := hasOutput(f.Args); {
	case stated > 1:
		b.errorf(b.def, "Contradicting arguments", "A function has one of return, return_set and return_table.")
	case stated == 0 && !out:
		b.errorf(b.def, "Missing argument", "A function needs return, return_set, return_table or an OUT argument.")
	case out && !f.ReturnsSet:
		f.Returns = "" // the OUT parameters say it
	}
	return types
}

func hasOutput(args []schema.Arg) bool {
	for _, a := range args {
		if a.Mode == "OUT" || a.Mode == "INOUT" {
			return true
		}
	}
	return false
}

// planNumber reads cost and rows, which are real numbers of single precision.
func (b *block) planNumber(attr string) string {
	if !b.has(attr) {
		return ""
	}
	text := b.str(attr)
	if f, err := strconv.ParseFloat(text, 32); err != nil || f <= 0 || f > math.MaxFloat32 {
		b.errorf(b.at(attr), "Number out of range", "%s takes a number above 0.", attr)
		return ""
	}
	return text
}

func (l *loader) loadProcedure(b *block, s *symbol) {
	p := &schema.Procedure{Routine: l.routine(b, s)}
	l.addRoutine(p, &p.Routine, b, s, nil)
}

// routine reads what functions and procedures have in common.
func (l *loader) routine(b *block, s *symbol) schema.Routine {
	r := schema.Routine{
		Schema: s.id.Schema, Name: s.id.Name, Language: lowerASCII(b.bareWord("lang")), Library: b.str("library"),
		SecurityDefiner: b.word("security", "DEFINER", "INVOKER") == "DEFINER", Transforms: b.strings("transforms"),
	}
	for _, c := range b.children("arg") {
		t, _ := c.readType("type")
		arg := schema.Arg{Name: c.name(), Type: t.bare()}
		if mode := c.word("mode", "IN", "OUT", "INOUT", "VARIADIC"); mode != "IN" {
			arg.Mode = mode
		}
		if c.has("default") {
			if text, none := c.defaultText("default", t); none {
				arg.Default = "NULL::" + arg.Type
			} else {
				arg.Default = text
			}
		}
		if len(arg.Name) > maxName {
			c.errorf(c.nameRange(), "Name too long", "PostgreSQL cuts names at %d bytes; this one has %d.", maxName, len(arg.Name))
		}
		r.Args = append(r.Args, arg)
	}
	if c := b.child("config_params"); c != nil {
		r.Config = c.params()
	}
	body := b.str("as")
	if standard := b.boolean("sql_body", r.Language == "sql" && isStandardBody(body)); standard {
		r.SQLBody = strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(body), ";"))
	} else {
		r.Body = body
	}
	return r
}

// isStandardBody reports whether a body is in SQL-standard form. Neither form is a statement that could stand in a string
// body, so the first words decide.
func isStandardBody(body string) bool {
	words := strings.Fields(body)
	return len(words) > 1 && (strings.EqualFold(words[0], "RETURN") ||
		strings.EqualFold(words[0], "BEGIN") && strings.EqualFold(strings.TrimRight(words[1], ";"), "ATOMIC"))
}

func (l *loader) addRoutine(o schema.Object, r *schema.Routine, b *block, s *symbol, types []typeValue) {
	s.id = o.ID()
	if !l.add(o, b) {
		return
	}
	for _, c := range b.children("arg") {
		t, _ := c.readType("type")
		types = append(types, t)
	}
	for _, t := range types {
		l.dependOnType(o.ID(), t)
	}
	for _, a := range r.Args {
		l.dependOnExpr(o.ID(), a.Default, nil)
	}
	l.dependOnBody(o.ID(), r)
}
