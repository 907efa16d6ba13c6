package pleat_test

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the generated part of docs/json.md")

const (
	shapesBegin = "<!-- The shapes: written by go test -run TestJSONShapes -update . from cmd/internal/view/json.go -->\n"
	shapesEnd   = "<!-- End of the shapes -->\n"
)

// TestJSONShapes holds the published page to the types that are encoded.
func TestJSONShapes(t *testing.T) {
	const page = "docs/json.md"
	text := read(t, page)
	head, rest, found := strings.Cut(text, shapesBegin)
	old, tail, ended := strings.Cut(rest, shapesEnd)
	if !found || !ended {
		t.Fatalf("%s has lost the marks of its generated part", page)
	}
	files, err := filepath.Glob("cmd/internal/view/json*.go")
	if err != nil {
		t.Fatal(err)
	}
	want := "\n"
	for _, file := range files {
		want += shapes(t, file)
	}
	want += codes(t, "cmd/internal/view/failure.go")
	if *update {
		if err := os.WriteFile(page, []byte(head+shapesBegin+want+shapesEnd+tail), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(old, want); diff != "" {
		t.Errorf("%s is not what json.go says; go test -run TestJSONShapes -update . rewrites it (-page +code):\n%s", page, diff)
	}
}

const (
	eventsBegin = "<!-- The events: written by go test -run TestEventShapes -update . from cmd/internal/event -->\n"
	eventsEnd   = "<!-- End of the events -->\n"
)

// TestEventShapes holds the page about events to the list of types and to the struct that is encoded.
func TestEventShapes(t *testing.T) {
	const page = "docs/events.md"
	text := read(t, page)
	head, rest, found := strings.Cut(text, eventsBegin)
	old, tail, ended := strings.Cut(rest, eventsEnd)
	if !found || !ended {
		t.Fatalf("%s has lost the marks of its generated part", page)
	}
	want := "\n" + eventTypes(t, "cmd/internal/event/types.go") + "## Shape\n\n" + shapes(t, "cmd/internal/event/shape.go")
	if *update {
		if err := os.WriteFile(page, []byte(head+eventsBegin+want+eventsEnd+tail), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(old, want); diff != "" {
		t.Errorf("%s is not what cmd/internal/event says; go test -run TestEventShapes -update . rewrites it (-page +code):\n%s", page, diff)
	}
}

// eventTypes prints the list of types: pairs of a constant and what it means.
func eventTypes(t *testing.T, file string) string {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	values, rows := map[string]string{}, ""
	text := func(e ast.Expr) string {
		lit, ok := e.(*ast.BasicLit)
		if !ok {
			return ""
		}
		s, _ := strconv.Unquote(lit.Value)
		return s
	}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ValueSpec:
			if len(n.Names) == 1 && len(n.Values) == 1 {
				values[n.Names[0].Name] = text(n.Values[0])
			}
		case *ast.CompositeLit:
			if name, ok := first(n.Elts).(*ast.Ident); ok && len(n.Elts) == 2 {
				rows += fmt.Sprintf("| `%s` | %s |\n", values[name.Name], text(n.Elts[1]))
			}
		}
		return true
	})
	if n := strings.Count(rows, "\n"); n < 15 {
		t.Errorf("found %d types of events in %s: are they still pairs in a list?", n, file)
	}
	return "| type | |\n| --- | --- |\n" + rows + "\n"
}

func first(list []ast.Expr) ast.Expr {
	if len(list) == 0 {
		return nil
	}
	return list[0]
}

// shapes prints every struct of a file as a table of its keys.
func shapes(t *testing.T, file string) string {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, decl := range f.Decls {
		g, ok := decl.(*ast.GenDecl)
		if !ok || g.Tok != token.TYPE {
			continue
		}
		for _, spec := range g.Specs {
			ts := spec.(*ast.TypeSpec)
			if s, ok := ts.Type.(*ast.StructType); ok {
				fmt.Fprintf(&b, "### %s\n\n%s\n\n| key | value | |\n| --- | --- | --- |\n", ts.Name.Name, oneLine(g.Doc.Text()))
				for _, field := range s.Fields.List {
					b.WriteString(keyRow(field))
				}
				b.WriteString("\n")
			}
		}
	}
	return b.String()
}

// codes prints the words for errors that the comment of Explain lists.
func codes(t *testing.T, file string) string {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	out := "### Codes of errors\n\n| code | |\n| --- | --- |\n"
	rows := 0
	for _, decl := range f.Decls {
		fn, ok := decl.(*ast.FuncDecl)
		if !ok || fn.Name.Name != "Explain" {
			continue
		}
		for line := range strings.Lines(fn.Doc.Text()) {
			if code, what, ok := strings.Cut(strings.TrimSpace(line), "  "); ok && strings.HasPrefix(line, "\t") {
				out += fmt.Sprintf("| `%s` | %s |\n", code, strings.TrimSpace(what))
				rows++
			}
		}
	}
	if rows == 0 {
		t.Errorf("the comment of Explain in %s lists no codes", file)
	}
	return out + "\n"
}

func keyRow(f *ast.Field) string {
	if len(f.Names) == 0 {
		return fmt.Sprintf("| all keys of [%s](#%s) | | |\n", typeName(f.Type), strings.ToLower(typeName(f.Type)))
	}
	if !f.Names[0].IsExported() || f.Tag == nil {
		return ""
	}
	tag, err := strconv.Unquote(f.Tag.Value)
	if err != nil {
		return ""
	}
	key, options, _ := strings.Cut(reflect.StructTag(tag).Get("json"), ",")
	if key == "-" {
		return ""
	}
	what := oneLine(f.Doc.Text() + f.Comment.Text())
	if strings.Contains(options, "omitempty") {
		what = strings.TrimSpace(what + " *(may be absent)*")
	}
	return fmt.Sprintf("| `%s` | %s | %s |\n", key, typeName(f.Type), what)
}

func typeName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		switch e.Name {
		case "int", "int64", "float64":
			return "number"
		case "bool":
			return "boolean"
		case "any":
			return "anything"
		}
		return e.Name
	case *ast.StarExpr:
		return typeName(e.X)
	case *ast.ArrayType:
		return "list of " + typeName(e.Elt)
	case *ast.MapType:
		return "object of " + typeName(e.Value)
	case *ast.SelectorExpr:
		if home, ok := e.X.(*ast.Ident); ok && home.Name == "view" {
			return fmt.Sprintf("[%s](json.md#%s)", e.Sel.Name, strings.ToLower(e.Sel.Name))
		}
		return "time"
	}
	return "anything"
}

func oneLine(text string) string {
	return strings.ReplaceAll(strings.Join(strings.Fields(text), " "), "|", "\\|")
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestLanguageIsDocumented looks on the page for every word that the loader takes.
func TestLanguageIsDocumented(t *testing.T) {
	page := codeWords(read(t, "docs/language.md"))
	for _, word := range languageWords(t) {
		if !page[word] {
			t.Errorf("docs/language.md does not name %q, which schema/hclfile takes", word)
		}
	}
}

// codeWords are the words of a page that stand in code, between backquotes or in a block.
func codeWords(page string) map[string]bool {
	words := map[string]bool{}
	for i, span := range strings.Split(page, "`") {
		if i%2 == 1 {
			for _, word := range regexp.MustCompile(`\w+`).FindAllString(span, -1) {
				words[word] = true
			}
		}
	}
	return words
}

// languageWords are those in the specifications of blocks: the strings that shape, with and the keys of maps are given.
func languageWords(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("schema/hclfile/*.go")
	if err != nil {
		t.Fatal(err)
	}
	var words []string
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			words = append(words, specWords(n)...)
			return true
		})
	}
	slices.Sort(words)
	words = slices.Compact(words)
	if len(words) < 100 {
		t.Fatalf("found only %d words: are blocks still specified by shape(\"…\")?", len(words))
	}
	return words
}

func specWords(n ast.Node) (words []string) {
	add := func(e ast.Expr) {
		ast.Inspect(e, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				text, _ := strconv.Unquote(lit.Value)
				for word := range strings.FieldsSeq(text) {
					words = append(words, strings.TrimSuffix(word, "!"))
				}
			}
			return true
		})
	}
	switch n := n.(type) {
	case *ast.CallExpr:
		switch fun := n.Fun.(type) {
		case *ast.Ident:
			if fun.Name == "shape" && len(n.Args) == 1 {
				add(n.Args[0])
			}
		case *ast.SelectorExpr:
			if fun.Sel.Name == "with" && len(n.Args) == 2 {
				add(n.Args[0])
			}
		}
	case *ast.ValueSpec:
		if len(n.Names) == 1 && strings.HasSuffix(n.Names[0].Name, "Attrs") && len(n.Values) == 1 {
			add(n.Values[0])
		}
	}
	return words
}

// TestCommandsAreDocumented looks on the page for every command and every flag that cmd/pleat declares.
func TestCommandsAreDocumented(t *testing.T) {
	page := read(t, "docs/cli.md")
	files, err := filepath.Glob("cmd/pleat/*.go")
	if err != nil {
		t.Fatal(err)
	}
	commands, flags := 0, 0
	for _, file := range files {
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if use, ok := commandOf(n); ok && use != "pleat" && use != "release" {
				commands++
				if !regexp.MustCompile(`\bpleat (lock |backup )?` + use + `\b`).MatchString(page) {
					t.Errorf("docs/cli.md does not name the command %s", use)
				}
			}
			if name, ok := flagOf(n); ok {
				flags++
				if !strings.Contains(page, "--"+name) {
					t.Errorf("docs/cli.md does not name the flag --%s of %s", name, file)
				}
			}
			return true
		})
	}
	if commands < 15 || flags < 20 {
		t.Errorf("found %d commands and %d flags: are they declared in another way now?", commands, flags)
	}
}

// commandOf is the name in Use: "name ARGUMENTS" of a command.
func commandOf(n ast.Node) (string, bool) {
	kv, ok := n.(*ast.KeyValueExpr)
	if !ok {
		return "", false
	}
	key, isKey := kv.Key.(*ast.Ident)
	lit, isText := kv.Value.(*ast.BasicLit)
	if !isKey || !isText || key.Name != "Use" {
		return "", false
	}
	text, _ := strconv.Unquote(lit.Value)
	name, _, _ := strings.Cut(text, " ")
	return name, true
}

// flagOf is the name in a call such as fs.StringVar(&x, "name", …).
func flagOf(n ast.Node) (string, bool) {
	call, ok := n.(*ast.CallExpr)
	if !ok || len(call.Args) != 4 {
		return "", false
	}
	fun, isMethod := call.Fun.(*ast.SelectorExpr)
	lit, isText := call.Args[1].(*ast.BasicLit)
	if !isMethod || !isText || !strings.HasSuffix(fun.Sel.Name, "Var") {
		return "", false
	}
	name, err := strconv.Unquote(lit.Value)
	return name, err == nil
}

var link = regexp.MustCompile(`\]\(([^)#]+)(#[^)]*)?\)`)

func TestLinks(t *testing.T) {
	pages, err := filepath.Glob("docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range append(pages, "README.md", "CHANGELOG.md", "examples/README.md") {
		for _, m := range link.FindAllStringSubmatch(read(t, page), -1) {
			if strings.Contains(m[1], "://") {
				continue
			}
			if _, err := os.Stat(filepath.Join(filepath.Dir(page), m[1])); err != nil {
				t.Errorf("%s links to %s, which is not there", page, m[1])
			}
		}
	}
}
