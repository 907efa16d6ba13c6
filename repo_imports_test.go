// Package pleat_test holds the rules of the repository itself: who may import whom, how long files and functions are,
// and that a kind of object has the same file name in every package.
package pleat_test

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
)

const module = "github.com/pleatdb/pleat"

// goPackage is what go list says of a package; paths of this module are without the module's name.
type goPackage struct {
	ImportPath, Name, Dir string
	GoFiles, CgoFiles     []string
	Imports, Deps         []string
	TestImports           []string
	XTestImports          []string
}

// packages are all of this module, by path.
var packages = sync.OnceValues(func() (map[string]*goPackage, error) {
	out, err := exec.Command("go", "list", "-json=ImportPath,Name,Dir,GoFiles,CgoFiles,Imports,Deps,TestImports,XTestImports", "./...").Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			return nil, errors.New(string(exit.Stderr))
		}
		return nil, err
	}
	all := map[string]*goPackage{}
	decoder := json.NewDecoder(strings.NewReader(string(out)))
	for {
		var p goPackage
		if err := decoder.Decode(&p); err == io.EOF {
			return all, nil
		} else if err != nil {
			return nil, err
		}
		p.ImportPath = inside(p.ImportPath)
		for _, list := range [][]string{p.Imports, p.Deps, p.TestImports, p.XTestImports} {
			for i := range list {
				list[i] = inside(list[i])
			}
		}
		all[p.ImportPath] = &p
	}
})

// inside shortens the path of a package of this module to one that begins with a dot: "./planner", "." for the top.
func inside(path string) string {
	if path == module {
		return "."
	}
	if rest, ok := strings.CutPrefix(path, module+"/"); ok {
		return "./" + rest
	}
	return path
}

// standard reports whether a package is of Go's own library, in which no path begins with a host name.
func standard(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return !strings.Contains(first, ".")
}

// matches reports whether a path fits a pattern: "./inspect/..." is a package and all below it, and a pattern
// without a dot in front is the beginning of a path.
func matches(path, pattern string) bool {
	if base, ok := strings.CutSuffix(pattern, "/..."); ok {
		return path == base || strings.HasPrefix(path, base+"/")
	}
	return path == pattern
}

func matchesAny(path string, patterns []string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return matches(path, p) })
}

// rule says what packages may not depend on.
type rule struct {
	// of are the packages that the rule binds; except are exceptions to it.
	of, except []string
	// only are the packages of this module that may be among the dependencies; nil for no bound.
	only []string
	// never may not be among the dependencies.
	never []string
	// direct restricts never to a package's own imports.
	direct bool
	// plain forbids everything that is neither of this module nor of the standard library.
	plain  bool
	reason string
}

const (
	pgx     = "github.com/jackc/pgx/v5/..."
	pgQuery = "github.com/pganalyze/pg_query_go/v5/..."
)

var rules = []rule{
	{
		of: []string{"./schema"}, only: []string{}, plain: true,
		reason: "the model knows nobody, so that everybody can know it",
	},
	{
		of: []string{"./planner"}, only: []string{"./schema"}, plain: true,
		reason: "the planner compares two catalogs and nothing else, so that each of its tests is a text file",
	},
	{
		of: []string{"./planner"}, never: []string{"os", "context", "time", "net/...", "io/fs", "C"}, direct: true,
		reason: "the planner is pure: the same two catalogs always give the same text",
	},
	{
		of: []string{"./planner/lint"}, only: []string{"./schema", "./schema/sqltext", "./planner"},
		reason: "migrations are judged by text, catalogs and effects that are given, so that it works offline and for anybody's files",
	},
	{
		of: []string{"./planner/lint"}, never: []string{"os", "context", "net/...", "io/fs", "C"}, direct: true,
		reason: "the linter is pure: what it reads is handed to it",
	},
	{
		of: []string{"./planner/cost"}, only: []string{"./schema", "./planner"}, plain: true,
		reason: "an estimate is arithmetic on effects and sizes that are given",
	},
	{
		of: []string{"./schema/...", "./planner/...", "./history/migration"}, never: []string{pgx},
		reason: "the model, the files and the planner work without a database",
	},
	{
		of: []string{"./inspect"}, only: []string{"./schema", "./schema/sqltext"},
		reason: "what a database holds is read without knowing what anybody wants of it",
	},
	{
		of: []string{"./inspect/..."}, never: []string{"./schema/hclfile/..."},
		reason: "the two front ends of the model never know each other: what they agree on is the model",
	},
	{
		of: []string{"./schema/..."}, never: []string{"./inspect/...", "./planner/...", "./apply/...", "./history/..."},
		reason: "the language describes a state; how it is read, reached or recorded is not its business",
	},
	{
		of: []string{"./history/migration"}, only: []string{"./schema", "./schema/sqltext"},
		reason: "migration files are read and written without a database and without knowing who planned them",
	},
	{
		of: []string{"./history/foreign"}, only: []string{"./schema", "./schema/sqltext", "./history/migration"},
		reason: "other tools' files are texts: reading them needs neither a database nor an opinion on what they do",
	},
	{
		of: []string{"./history/legacy"}, only: []string{"./schema", "./schema/sqltext", "./history/migration", "./history/foreign"},
		reason: "what another tool left is read without an opinion on what becomes of it",
	},
	{
		of: []string{"./history"}, only: []string{"./schema", "./schema/sqltext", "./history/migration"},
		reason: "the log records what happened and decides nothing",
	},
	{
		of: []string{"./apply"}, only: []string{"./schema", "./schema/sqltext", "./inspect", "./history", "./history/migration", "./apply/pooler"},
		reason: "the applier runs files, whoever wrote them: it knows neither the planner nor the language",
	},
	{
		of: []string{"./apply/evidence"}, never: []string{"./schema/hclfile/...", "./planner/lint/..."},
		reason: "evidence is what the server says; what anybody wants of the schema is no evidence",
	},
	{
		of: []string{"./apply/backup"}, never: []string{"./schema/hclfile/...", "./planner/...", "./history/foreign", "./history/legacy/...", "./apply/evidence"},
		reason: "a backup is of what statements overwrite, whoever wrote them",
	},
	{
		of: []string{"./inspect/shadow/rows"}, only: []string{"./schema", "./schema/sqltext"},
		reason: "rows are made and copied without knowing what they are for",
	},
	{
		of:     []string{"./apply/rehearse"},
		never:  []string{"./schema/hclfile/...", "./history/foreign", "./history/legacy/...", "./planner/online/..."},
		reason: "a rehearsal runs files on a copy: who wrote them, and why in this way, is not its business",
	},
	{
		of: []string{"./cmd/internal/fleet"}, never: []string{"./apply", "./cmd/internal/view", "./cmd/internal/config", "./planner/..."},
		reason: "in which order targets are worked on has nothing to do with what is done to them, which is given as a function",
	},
	{
		of: []string{"./cmd/internal/adopt"}, never: []string{"os", "os/exec", "net/...", "./apply/...", "./history", "./schema/hclfile/..."}, direct: true,
		reason: "what becomes of another tool's history is worked out on the shadow: writing files and the log is for the caller",
	},
	{
		of: []string{"./..."}, except: []string{"./cmd/..."}, never: []string{"./cmd/..."},
		reason: "the command knows everything and nobody knows the command",
	},
	{
		of: []string{"./..."}, except: []string{"./schema/sqltext"}, never: []string{pgQuery}, direct: true,
		reason: "cgo and the parser stay in one package, so that SQL text is understood in one way only",
	},
	{
		of: []string{"./..."}, except: []string{"./inspect/shadow/docker"}, direct: true,
		never:  []string{"github.com/testcontainers/...", "github.com/moby/...", "github.com/docker/..."},
		reason: "the container library is heavy and optional; one package knows it",
	},
	{
		of:     []string{"./inspect", "./inspect/shadow", "./inspect/shadow/server", "./apply", "./history/..."},
		never:  []string{"github.com/testcontainers/...", "github.com/moby/..."},
		reason: "a library user of these packages pulls in no container engine",
	},
	{
		of: []string{"./..."}, never: []string{"database/sql", "database/sql/driver"}, direct: true,
		reason: "one driver: pgx is used directly, so that errors keep their SQLSTATE and position",
	},
	{
		of: []string{"./..."}, never: []string{"./inspect/pgtest"},
		reason: "test code is linked into tests only",
	},
	{
		of: []string{"./..."}, except: []string{"./inspect/pgtest"}, never: []string{"testing"}, direct: true,
		reason: "test code is linked into tests only",
	},
	{
		of: []string{"./..."}, except: []string{"./cmd/internal/credential"}, never: []string{"github.com/hashicorp/vault/..."}, direct: true,
		reason: "one package asks Vault, so that one place gives back what it got",
	},
	{
		of: []string{"./..."}, never: []string{"./cmd/internal/credential/vaulttest"},
		reason: "test code is linked into tests only",
	},
	{
		of: []string{"./..."}, except: []string{"./cmd/...", "./schema/hclfile/..."}, direct: true,
		never:  []string{"github.com/hashicorp/hcl/v2/...", "github.com/zclconf/go-cty/..."},
		reason: "HCL is the user's language, not the program's: the model and the plan would be the same without it",
	},
	{
		of: []string{"./..."}, except: []string{"./cmd/internal/telemetry/textfile"}, direct: true,
		never:  []string{"github.com/prometheus/..."},
		reason: "metrics are a file that one package writes; who measures tells events",
	},
	{
		of: []string{"./..."}, except: []string{"./cmd/internal/telemetry/otlp"}, direct: true,
		never:  []string{"go.opentelemetry.io/..."},
		reason: "the tracing library has global state and many parts; one package knows it, and makes spans of events",
	},
	{
		of: []string{"./..."}, except: []string{"./cmd/internal/notify"}, direct: true,
		never:  []string{"github.com/cloudevents/...", "github.com/hashicorp/go-retryablehttp/..."},
		reason: "one package sends events away, with one queue and one policy of trying again",
	},
	{
		of:     []string{"./cmd/internal/event", "./cmd/internal/notify", "./cmd/internal/telemetry/...", "./cmd/internal/hook", "./cmd/internal/trend"},
		never:  []string{"./cmd/internal/config"},
		reason: "who is told is said by the caller, so that each can be tested without a project file",
	},
	{
		of: []string{"./..."}, except: []string{"./cmd/..."}, direct: true,
		never:  []string{"github.com/spf13/...", "golang.org/x/term"},
		reason: "flags and terminals belong to the command",
	},
}

func TestImports(t *testing.T) {
	all, err := packages()
	if err != nil {
		t.Fatalf("list packages: %v", err)
	}
	for _, r := range rules {
		bound := 0
		for path, p := range all {
			if !matchesAny(path, r.of) || matchesAny(path, r.except) {
				continue
			}
			bound++
			for _, broken := range r.broken(p) {
				t.Errorf("%s must not depend on %s: %s", path, broken, r.reason)
			}
		}
		if bound == 0 {
			t.Errorf("no package is bound by the rule for %s: %s", strings.Join(r.of, ", "), r.reason)
		}
	}
}

// broken are the dependencies of a package that a rule forbids.
func (r rule) broken(p *goPackage) (out []string) {
	deps := p.Deps
	if r.direct {
		deps = p.Imports
	}
	for _, d := range deps {
		own := strings.HasPrefix(d, ".")
		switch {
		case d == p.ImportPath:
		case matchesAny(d, r.never),
			own && r.only != nil && !matchesAny(d, r.only),
			!own && r.plain && !standard(d):
			out = append(out, d)
		}
	}
	return out
}

// TestImportRulesBite shows that a rule finds what it forbids.
func TestImportRulesBite(t *testing.T) {
	p := &goPackage{
		ImportPath: "./planner",
		Imports:    []string{"os", "fmt"},
		Deps:       []string{"fmt", "os", "./schema", "./inspect", "github.com/jackc/pgx/v5/pgconn", "github.com/jackc/pgx/v5"},
	}
	for _, tc := range []struct {
		name string
		rule rule
		want []string
	}{
		{"only", rule{only: []string{"./schema"}}, []string{"./inspect"}},
		{"plain", rule{plain: true}, []string{"github.com/jackc/pgx/v5/pgconn", "github.com/jackc/pgx/v5"}},
		{"direct", rule{never: []string{"os", "./inspect"}, direct: true}, []string{"os"}},
		{"below", rule{never: []string{"./inspect/...", "github.com/jackc/pgx/v5/..."}}, []string{"./inspect", "github.com/jackc/pgx/v5/pgconn", "github.com/jackc/pgx/v5"}},
	} {
		if got := tc.rule.broken(p); !slices.Equal(got, tc.want) {
			t.Errorf("%s: got %v, want %v", tc.name, got, tc.want)
		}
	}
}
