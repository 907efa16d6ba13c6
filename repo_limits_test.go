package pleat_test

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const (
	// fileLimit is hard; what makes a codebase readable at a glance is fileGoal90, below which nine files in ten stay.
	fileLimit  = 700
	fileGoal90 = 350
	funcLimit  = 80
	// caseLimit is how long the cases of a flat switch may be on average.
	caseLimit = 6
)

// sourceFile is a Go file of this module that people write.
type sourceFile struct {
	path  string
	lines int
	ast   *ast.File
	fset  *token.FileSet
}

func sourceFiles(t *testing.T) (out []sourceFile) {
	t.Helper()
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && path != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" || d.Name() == "bin"):
			return fs.SkipDir
		case d.IsDir() || !strings.HasSuffix(path, ".go"):
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		fset := token.NewFileSet()
		parsed, err := parser.ParseFile(fset, path, text, parser.ParseComments)
		if err != nil {
			return err
		}
		if !ast.IsGenerated(parsed) {
			out = append(out, sourceFile{path, bytes.Count(text, []byte("\n")), parsed, fset})
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestFilesAreShort(t *testing.T) {
	var lengths, tests []int
	for _, f := range sourceFiles(t) {
		if f.lines > fileLimit {
			t.Errorf("%s has %d lines; no file has more than %d", f.path, f.lines, fileLimit)
		}
		if strings.HasSuffix(f.path, "_test.go") {
			tests = append(tests, f.lines)
		} else {
			lengths = append(lengths, f.lines)
		}
	}
	for _, group := range []struct {
		name  string
		lines []int
	}{{"code", lengths}, {"tests", tests}} {
		slices.Sort(group.lines)
		n := len(group.lines)
		median, p90 := group.lines[n/2], group.lines[n*9/10]
		t.Logf("%s: %d files, median %d lines, p90 %d, longest %d", group.name, n, median, p90, group.lines[n-1])
		if p90 > fileGoal90 {
			t.Errorf("one in ten files of %s has more than %d lines (p90 is %d)", group.name, fileGoal90, p90)
		}
	}
}

func TestFunctionsFitAScreen(t *testing.T) {
	var lengths []int
	for _, f := range sourceFiles(t) {
		if strings.HasSuffix(f.path, "_test.go") {
			continue
		}
		for _, decl := range f.ast.Decls {
			fn, ok := decl.(*ast.FuncDecl)
			if !ok || fn.Body == nil {
				continue
			}
			lines := span(f.fset, fn)
			lengths = append(lengths, lines)
			if lines > funcLimit && !flatSwitch(f.fset, fn) {
				t.Errorf("%s has %d lines; only a flat switch has more than %d", f.fset.Position(fn.Pos()), lines, funcLimit)
			}
		}
	}
	slices.Sort(lengths)
	n := len(lengths)
	t.Logf("%d functions, median %d lines, p90 %d, longest %d", n, lengths[n/2], lengths[n*9/10], lengths[n-1])
}

func span(fset *token.FileSet, n ast.Node) int {
	return fset.Position(n.End()).Line - fset.Position(n.Pos()).Line + 1
}

// flatSwitch reports whether a function is little more than one switch whose cases are short.
func flatSwitch(fset *token.FileSet, fn *ast.FuncDecl) bool {
	for _, stmt := range fn.Body.List {
		var body *ast.BlockStmt
		switch s := stmt.(type) {
		case *ast.SwitchStmt:
			body = s.Body
		case *ast.TypeSwitchStmt:
			body = s.Body
		default:
			continue
		}
		inner, whole := span(fset, body), span(fset, fn)
		if whole-inner <= 12 && len(body.List) > 0 && inner/len(body.List) <= caseLimit {
			return true
		}
	}
	return false
}

// TestOnlyMainEnds finds calls that end the process anywhere but in a command: a library that does it takes the
// deferred clean-up of everybody with it.
func TestOnlyMainEnds(t *testing.T) {
	for _, f := range sourceFiles(t) {
		if f.ast.Name.Name == "main" || strings.HasSuffix(f.path, "_test.go") {
			continue
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			if s, ok := call.Fun.(*ast.SelectorExpr); ok {
				if x, ok := s.X.(*ast.Ident); ok && (x.Name == "os" && s.Sel.Name == "Exit" || x.Name == "log" && strings.HasPrefix(s.Sel.Name, "Fatal")) {
					t.Errorf("%s: %s.%s outside of a command", f.fset.Position(call.Pos()), x.Name, s.Sel.Name)
				}
			}
			return true
		})
	}
}
