package hclfile

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/json"
	"github.com/pleatdb/pleat/schema"
	"github.com/pleatdb/pleat/schema/hclfile/eval"
	"github.com/pleatdb/pleat/schema/sqltext"
	"github.com/zclconf/go-cty/cty/function"
)

// projectFile configures pleat itself and is no part of the schema, even where it lies beside it.
const projectFile = "pleat.hcl"

// Load reads files, or all *.hcl and *.hcl.json files below directories, as one body. The result is never nil and holds
// what could be understood even when there are errors, so that an editor can use it; a plan must not. Diagnostics are
// sorted by file and line.
func Load(paths []string, in eval.Options) (*Desired, hcl.Diagnostics) {
	out, diags := LoadWithoutTexts(paths, in)
	out.ReadTexts(nil)
	return out, diags
}

// LoadWithoutTexts is Load for a caller that knows which objects are unchanged and calls [Desired.ReadTexts] itself.
func LoadWithoutTexts(paths []string, in eval.Options) (*Desired, hcl.Diagnostics) {
	sources, diags := readSources(paths)
	out, more := loadSources(sources, in)
	return out, append(diags, more...)
}

// sourceFile is the text of one file.
type sourceFile struct {
	path string
	text []byte
}

// loader is the state of one load.
type loader struct {
	out     *Desired
	diags   hcl.Diagnostics
	scope   *eval.Scope
	symbols map[string]map[string][]*symbol
	byBlock map[*block]*symbol
	// labels are the objects whose blocks give them names of their own, by "table.label".
	labels map[string][]*symbol
	// loops are the blocks at the top level that have a for_each, by "table.label"; depth is how many are followed now.
	loops map[string]loop
	depth int
	root  *block
	// taken holds the names of each schema's relations and types, each of which share a name space.
	taken map[takenName]schema.ID
	// pending are dependencies to find out once all objects are there.
	pending []func()
	// texts are read on demand. bodies come last: what the text of a function names must not close a cycle, as PostgreSQL
	// looks at the text only when the function runs.
	texts, bodies []lateText
	types         map[string]schema.ID
	// refs are the names in each expression: the same default or check stands in many tables.
	refs map[string]sqltext.Refs
	keys map[schema.Name][]schema.ID
}

func loadSources(sources []sourceFile, in eval.Options) (*Desired, hcl.Diagnostics) {
	in.KeepMarks = true
	l := &loader{
		out: newDesired(), scope: eval.NewScope(in), symbols: map[string]map[string][]*symbol{},
		byBlock: map[*block]*symbol{}, labels: map[string][]*symbol{}, loops: map[string]loop{}, taken: map[takenName]schema.ID{}, refs: map[string]sqltext.Refs{},
	}
	l.root = &block{load: l}
	top := &spec{blocks: topSpecs()}
	files := l.parse(sources)
	ctx, diags := l.scope.Resolve()
	l.diags = append(l.diags, diags...)
	ctx = ctx.NewChild()
	ctx.Functions = map[string]function.Function{"sql": sqlFunc}
	for _, f := range files {
		l.findLoops(f.body, env{ctx: ctx, src: f.src}, top)
	}
	for _, f := range files {
		b := &block{load: l, env: env{ctx: ctx, src: f.src}}
		l.readBody(b, f.body, top)
		l.root.blocks = append(l.root.blocks, b.blocks...)
	}
	l.declareAll()
	l.loadAll()
	l.out.Mask = l.scope.Mask
	slices.SortStableFunc(l.diags, compareDiagnostics)
	return l.out, l.diags
}

type parsedFile struct {
	body source
	src  []byte
}

// parse reads the syntax of every file and takes its variables and locals out.
func (l *loader) parse(sources []sourceFile) (files []parsedFile) {
	for _, s := range sources {
		var file *hcl.File
		var diags hcl.Diagnostics
		if strings.HasSuffix(s.path, ".json") {
			file, diags = json.Parse(s.text, s.path)
		} else {
			file, diags = hclsyntax.ParseConfig(s.text, s.path, hcl.InitialPos)
		}
		l.diags = append(l.diags, diags...)
		if file == nil || file.Body == nil {
			continue
		}
		l.out.Files[s.path] = file
		if diags.HasErrors() {
			continue // what the parser made up after an error would only give more errors
		}
		rest, diags := l.scope.Add(file.Body)
		l.diags = append(l.diags, diags...)
		files = append(files, parsedFile{topBody(file.Body, rest), s.text})
	}
	return files
}

// topBody is a file's body without variables and locals.
func topBody(body, rest hcl.Body) source {
	native, ok := body.(*hclsyntax.Body)
	if !ok {
		return jsonBody{rest}
	}
	kept := &hclsyntax.Body{Attributes: native.Attributes, SrcRange: native.SrcRange, EndRange: native.EndRange}
	for _, b := range native.Blocks {
		if b.Type != "variable" && b.Type != "locals" {
			kept.Blocks = append(kept.Blocks, b)
		}
	}
	return nativeBody{kept}
}

// readSources reads what the paths name, in the order of their names.
func readSources(paths []string) (sources []sourceFile, diags hcl.Diagnostics) {
	fail := func(path string, err error) {
		diags = append(diags, &hcl.Diagnostic{Severity: hcl.DiagError, Summary: "Unreadable schema file",
			Detail: fmt.Sprintf("Cannot read %s: %s.", path, err)})
	}
	seen := map[string]bool{}
	for _, path := range paths {
		found, err := schemaFiles(path)
		if err != nil {
			fail(path, err)
			continue
		}
		if len(found) == 0 {
			fail(path, fmt.Errorf("it holds no *.hcl file"))
		}
		for _, name := range found {
			if seen[filepath.Clean(name)] {
				continue
			}
			seen[filepath.Clean(name)] = true
			text, err := os.ReadFile(name)
			if err != nil {
				fail(name, err)
				continue
			}
			sources = append(sources, sourceFile{name, text})
		}
	}
	return sources, diags
}

// schemaFiles is the path itself where it is a file, else all schema files below it; hidden files and directories and the
// project file are left out.
func schemaFiles(path string) (found []string, err error) {
	info, err := os.Stat(path)
	if err != nil || !info.IsDir() {
		return []string{path}, err
	}
	err = filepath.WalkDir(path, func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case name != path && strings.HasPrefix(d.Name(), "."):
			if d.IsDir() {
				return fs.SkipDir
			}
		case !d.IsDir() && d.Name() != projectFile &&
			(strings.HasSuffix(name, ".hcl") || strings.HasSuffix(name, ".hcl.json")):
			found = append(found, name)
		}
		return nil
	})
	return found, err
}

func (l *loader) report(at hcl.Range, context *hcl.Range, summary, detail string) {
	if context != nil && (context.Filename != at.Filename || context.Start.Byte > at.Start.Byte || context.End.Byte < at.End.Byte) {
		context = nil
	}
	l.diags = append(l.diags, &hcl.Diagnostic{
		Severity: hcl.DiagError, Summary: summary, Detail: l.scope.Mask(detail), Subject: &at, Context: context,
	})
}

// compareDiagnostics orders by file and place; those without a place come first.
func compareDiagnostics(a, b *hcl.Diagnostic) int {
	switch {
	case a.Subject == nil && b.Subject == nil:
		return 0
	case a.Subject == nil:
		return -1
	case b.Subject == nil:
		return 1
	}
	if c := strings.Compare(a.Subject.Filename, b.Subject.Filename); c != 0 {
		return c
	}
	return a.Subject.Start.Byte - b.Subject.Start.Byte
}
