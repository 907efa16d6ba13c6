package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/json"
	"github.com/pleatdb/pleat/schema/hclfile/eval"
)

const (
	// DefaultPath is the project file that is read when none is named.
	DefaultPath = "pleat.hcl"
	// autoVariables is the variables file beside the project file that is read without being asked for.
	autoVariables = "pleat.auto.vars"
)

// Options are what a command line adds to the file.
type Options struct {
	// Getenv reads the environment, for env() and for PLEAT_VAR_<name>. Required.
	Getenv func(string) string
	// VarFiles are the --var-file arguments, in order.
	VarFiles []string
	// Vars are the --var arguments, name=value, in order.
	Vars []string
}

// Config is a project file that was read. The zero value is not usable; [Load] makes one.
type Config struct {
	// Path is the file; empty where there is none.
	Path string
	// Files are the sources by path, for printing diagnostics.
	Files map[string]*hcl.File

	dir          string
	opts         Options
	varFiles     []string
	scope        *eval.Scope
	ctx          *hcl.EvalContext
	defaults     block
	environments map[string]*block
	secrets      []string
}

// block is one env block, or the top of the file, checked but not evaluated.
type block struct {
	attributes hcl.Attributes
	// settings are the blocks inside, such as lint, by their type; those with a label by both, "hook snapshot".
	settings map[string]*hcl.Block
	rng      hcl.Range
}

// Load reads the project file at path; an empty path means pleat.hcl in the working directory, which may be absent.
// The Config can be used for what is right in it even when there are errors.
func Load(path string, opts Options) (*Config, hcl.Diagnostics) {
	c := &Config{Files: map[string]*hcl.File{}, opts: opts, environments: map[string]*block{}}
	name := path
	if name == "" {
		name = DefaultPath
	}
	c.dir = filepath.Dir(name)
	if auto := filepath.Join(c.dir, autoVariables); exists(auto) {
		c.varFiles = append(c.varFiles, auto)
	}
	c.varFiles = append(c.varFiles, opts.VarFiles...)
	c.scope = eval.NewScope(eval.Options{
		Dir: c.dir, Getenv: opts.Getenv, Files: c.varFiles, Vars: opts.Vars, Undeclared: eval.KeepUndeclared,
		Functions: eval.ProjectFunctions(c.dir, opts.Getenv), KeepMarks: true,
	})
	src, err := os.ReadFile(name)
	var diags hcl.Diagnostics
	switch {
	case errors.Is(err, fs.ErrNotExist) && path == "":
	case err != nil:
		diags = append(diags, &hcl.Diagnostic{Severity: hcl.DiagError, Summary: "Unreadable project file",
			Detail: fmt.Sprintf("Cannot read %s: %s.", name, cause(err))})
	default:
		c.Path = name
		diags = append(diags, c.read(src)...)
	}
	ctx, more := c.scope.Resolve()
	c.ctx, c.secrets = ctx, c.scope.Secrets()
	return c, append(diags, more...)
}

func (c *Config) read(src []byte) hcl.Diagnostics {
	var file *hcl.File
	var diags hcl.Diagnostics
	if strings.HasSuffix(c.Path, ".json") {
		file, diags = json.Parse(src, c.Path)
	} else {
		file, diags = hclsyntax.ParseConfig(src, c.Path, hcl.InitialPos)
	}
	if file == nil || file.Body == nil {
		return diags
	}
	c.Files[c.Path] = file
	rest, more := c.scope.Add(file.Body)
	diags = append(diags, more...)
	content, more := contentOf(file.Body, rest, topSchema)
	diags = append(diags, more...)
	c.defaults.attributes = content.Attributes
	c.defaults.settings, more = settingsOf(content.Blocks)
	diags = append(diags, more...)
	for _, b := range content.Blocks.OfType("env") {
		diags = append(diags, c.addEnvironment(b)...)
	}
	return diags
}

// settingsOf are the blocks that are not environments; each type stands once.
func settingsOf(blocks hcl.Blocks) (map[string]*hcl.Block, hcl.Diagnostics) {
	var diags hcl.Diagnostics
	out := map[string]*hcl.Block{}
	for _, b := range blocks {
		if b.Type == "env" {
			continue
		}
		key := settingKey(b)
		if before, ok := out[key]; ok {
			diags = append(diags, &hcl.Diagnostic{Severity: hcl.DiagError, Summary: "Duplicate block", Subject: &b.DefRange,
				Detail: fmt.Sprintf("There is a block %q already at %s.", key, before.DefRange)})
			continue
		}
		out[key] = b
		if b.Type == "lint" {
			diags = append(diags, checkLint(b)...)
		}
		if b.Type == "evidence" {
			diags = append(diags, checkEvidence(b)...)
		}
		if b.Type == "backfill" {
			diags = append(diags, checkBackfill(b)...)
		}
		if b.Type == "backup" {
			diags = append(diags, checkBackup(b)...)
		}
		if b.Type == "approvals" {
			diags = append(diags, checkApprovals(b)...)
		}
		if b.Type == "credentials" {
			diags = append(diags, checkCredentials(b)...)
		}
		if b.Type == "rehearse" {
			diags = append(diags, checkRehearse(b)...)
		}
		if b.Type == "legacy" {
			diags = append(diags, checkLegacy(b)...)
		}
		diags = append(diags, checkTelling(b)...)
		diags = append(diags, checkFleet(b)...)
	}
	return out, diags
}

func (c *Config) addEnvironment(b *hcl.Block) hcl.Diagnostics {
	name := b.Labels[0]
	if before, ok := c.environments[name]; ok {
		return hcl.Diagnostics{{Severity: hcl.DiagError, Summary: "Duplicate environment", Subject: &b.DefRange,
			Detail: fmt.Sprintf("The environment %q is already defined at %s.", name, before.rng)}}
	}
	content, diags := contentOf(b.Body, b.Body, environmentSchema)
	settings, more := settingsOf(content.Blocks)
	c.environments[name] = &block{content.Attributes, settings, b.DefRange}
	return append(diags, more...)
}

// Dir is the directory of the project file, as a path from the working directory.
func (c *Config) Dir() string { return c.dir }

// Names are the environments' names, sorted.
func (c *Config) Names() []string {
	names := make([]string, 0, len(c.environments))
	for name := range c.environments {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// SchemaInputs are the inputs for the variables of schema files in dir: the same as this file's, whose own variables
// are no mistake there.
func (c *Config) SchemaInputs(dir string) eval.Options {
	return eval.Options{Dir: dir, Getenv: c.opts.Getenv, Files: c.varFiles, Vars: c.opts.Vars, DeclaredElsewhere: c.scope.Declared()}
}

// RefuseUndeclared is an error for every input that this file does not declare, for commands that load no schema files.
func (c *Config) RefuseUndeclared() (diags hcl.Diagnostics) {
	for _, name := range c.scope.Undeclared() {
		diags = append(diags, &hcl.Diagnostic{Severity: hcl.DiagError, Summary: "Undeclared variable",
			Detail: fmt.Sprintf("A value for %q was given, but no variable block declares it.%s", name, eval.DidYouMean(name, c.scope.Declared()))})
	}
	return diags
}

// Secrets are the texts that must reach no output: sensitive variables, what is computed from them, and the URLs of
// the environments that were asked for. Longest first.
func (c *Config) Secrets() []string {
	out := slices.Clone(c.secrets)
	slices.SortFunc(out, func(a, b string) int {
		if len(a) != len(b) {
			return len(b) - len(a)
		}
		return strings.Compare(a, b)
	})
	return slices.Compact(out)
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func cause(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}
