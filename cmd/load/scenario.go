package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/pleatdb/pleat/schema/sqltext"
)

// scenario is one recipe applied to one schema under one load.
type scenario struct {
	name, recipe, title string
	// least and most are the first and last major version on which the scenario runs; 0 is no bound.
	least, most int
	// back says how far the way back leads: both, contract, expand (of a change without contract), or none.
	back string
	// replan is why prepared statements may have to be prepared again; empty where they must not.
	replan string
	// refused is what pleat says where it does not plan the recipe at all; empty where it must.
	refused         string
	text            map[string]string
	old, new, after []statement
	truth           []string
}

// loadScenarios reads the directory's files whose names match, in the order of their names.
func loadScenarios(dir string, pattern *regexp.Regexp) ([]*scenario, error) {
	paths, err := filepath.Glob(filepath.Join(dir, "*.txtar"))
	if err != nil {
		return nil, fmt.Errorf("list scenarios: %w", err)
	}
	var all []*scenario
	for _, path := range paths {
		name := strings.TrimSuffix(filepath.Base(path), ".txtar")
		if !pattern.MatchString(name) {
			continue
		}
		s, err := loadScenario(path, name)
		if err != nil {
			return nil, fmt.Errorf("read scenario %s: %w", name, err)
		}
		all = append(all, s)
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("choose scenarios: none in %s is named so", dir)
	}
	return all, nil
}

// parts are the files that a scenario may have.
var parts = map[string]bool{
	"scenario": true, "old.hcl": true, "new.hcl": true, "fresh.hcl": true, "fresh.sql": true, "pleat.hcl": true, "seed.sql": true, "truth.sql": true,
	"old.sql": true, "new.sql": true, "after.sql": true, "expand.sql": true, "contract.sql": true,
}

func loadScenario(path, name string) (*scenario, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	s := &scenario{name: name, back: "both", text: map[string]string{}}
	for _, f := range txtar.Parse(data).Files {
		if !parts[f.Name] {
			return nil, fmt.Errorf("a scenario has no file %q", f.Name)
		}
		s.text[f.Name] = string(f.Data)
	}
	for _, need := range []string{"old.hcl", "new.hcl", "truth.sql"} {
		if s.text[need] == "" {
			return nil, fmt.Errorf("%s is missing", need)
		}
	}
	if err := s.head(s.text["scenario"]); err != nil {
		return nil, err
	}
	for file, list := range map[string]*[]statement{"old.sql": &s.old, "new.sql": &s.new, "after.sql": &s.after} {
		if *list, err = parseStatements(s.text[file]); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
	}
	pieces, err := sqltext.Split(s.text["truth.sql"])
	if err != nil {
		return nil, fmt.Errorf("truth.sql: %w", err)
	}
	for _, p := range pieces {
		s.truth = append(s.truth, p.SQL)
	}
	return s, nil
}

// head reads the lines key: value.
func (s *scenario) head(text string) error {
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		key, value, _ := strings.Cut(line, ":")
		value = strings.TrimSpace(value)
		switch key {
		case "recipe":
			s.recipe = value
		case "title":
			s.title = value
		case "replan":
			s.replan = value
		case "refused":
			s.refused = value
		case "back":
			if s.back = value; value != "both" && value != "contract" && value != "expand" && value != "none" {
				return fmt.Errorf("back cannot be %q", value)
			}
		case "majors":
			first, last, _ := strings.Cut(value, "-")
			s.least, _ = strconv.Atoi(first)
			s.most, _ = strconv.Atoi(last)
		default:
			return fmt.Errorf("a scenario has no %q", key)
		}
	}
	if s.recipe == "" || s.title == "" {
		return fmt.Errorf("recipe or title is missing")
	}
	return nil
}

// runsOn reports whether the recipe exists on a version.
func (s *scenario) runsOn(major int) bool {
	return major >= s.least && (s.most == 0 || major <= s.most)
}
