package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/txtar"
)

// scenario is one migration, or some that belong together, with the state they start from.
type scenario struct {
	name, kind string
	// least is the first major version on which it runs; 0 is no bound.
	least int
	// before is the last version that has run already; empty for none.
	before string
	// back is set where all migrations have run, and are taken back.
	back bool
	// lies is set where advisory locks lie, so that the lock is a lease, which a killed run leaves for half a minute.
	lies bool
	// recipe is set where the files are planned from old.hcl to new.hcl; else files are those of the directory of migrations, by name.
	recipe bool
	files  map[string]string
	text   map[string]string
}

// texts are the files that a scenario may have beside its migrations.
var texts = []string{"case", "seed.sql", "pleat.hcl", "resolve.sql"}

// recipes are those of cmd/load that are planned and run here too: one of each kind of plan.
var recipes = []string{
	"r01_not_null_backfill", "r02_set_not_null", "r03_int_bigint", "r04_rename_column", "r05_rename_table", "r06_drop_column",
	"r08_primary_key", "r08_unique", "r10a_foreign_key", "r11_check", "r12_index", "r12_index_partitioned", "r13_attach",
	"r13_detach", "r14_enum_remove", "r16_generated_stored",
}

// recipeRows is how many rows stand for :rows in a recipe: some batches of the smallest size.
const recipeRows = 400

var migrationName = regexp.MustCompile(`^[0-9]{14}_[a-z0-9_]+(\.expand|\.contract)?\.sql$`)

// loadScenarios reads those whose names match, of this program and of cmd/load, in the order of their names.
func loadScenarios(dir, recipeDir string, pattern *regexp.Regexp) ([]*scenario, error) {
	paths, err := filepath.Glob(filepath.Join(dir, "*.txtar"))
	if err != nil {
		return nil, fmt.Errorf("list cases: %w", err)
	}
	for _, name := range recipes {
		if recipeDir == "" {
			break
		}
		paths = append(paths, filepath.Join(recipeDir, name+".txtar"))
	}
	var all []*scenario
	for _, path := range paths {
		name := strings.TrimSuffix(filepath.Base(path), ".txtar")
		if !pattern.MatchString(name) {
			continue
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("read case: %w", err)
		}
		s, err := parseScenario(name, data)
		if err != nil {
			return nil, fmt.Errorf("read case %s: %w", name, err)
		}
		all = append(all, s)
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("choose cases: none in %s is named so", dir)
	}
	return all, nil
}

func parseScenario(name string, data []byte) (*scenario, error) {
	s := &scenario{name: name, files: map[string]string{}, text: map[string]string{}}
	for _, f := range txtar.Parse(data).Files {
		s.text[f.Name] = string(f.Data)
	}
	if s.recipe = s.text["new.hcl"] != ""; s.recipe {
		s.kind = "planned"
		return s, s.head(s.text["scenario"], map[string]bool{"recipe": true, "title": true, "replan": true, "back": true, "refused": true})
	}
	for name, text := range s.text {
		switch {
		case migrationName.MatchString(name):
			s.files[name] = text
		case !slices.Contains(texts, name):
			return nil, fmt.Errorf("a case has no file %q", name)
		}
	}
	if len(s.files) == 0 {
		return nil, fmt.Errorf("there is no migration in it")
	}
	return s, s.head(s.text["case"], nil)
}

// head reads the lines key: value; those of passed are for others.
func (s *scenario) head(text string, passed map[string]bool) error {
	for line := range strings.Lines(text) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), ":")
		value = strings.TrimSpace(value)
		switch {
		case key == "" || passed[key]:
		case key == "kind":
			s.kind = value
		case key == "applied":
			s.before = value
		case key == "command" && value == "rollback":
			s.back = true
		case key == "lock" && value == "lease":
			s.lies = true
		case key == "majors":
			first, _, _ := strings.Cut(value, "-")
			least, err := strconv.Atoi(first)
			if err != nil {
				return fmt.Errorf("majors: %w", err)
			}
			s.least = least
		default:
			return fmt.Errorf("a case has no %q", key)
		}
	}
	if s.kind == "" {
		return fmt.Errorf("its kind is missing")
	}
	return nil
}
