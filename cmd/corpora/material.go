package main

import (
	"fmt"
	"os"
	"path/filepath"
)

// sets are the parts of the corpora, in the order in which they are run and reported.
var sets = []string{"upgrades", "schemas", "pairs"}

// material is one case: the scripts that make its states. Paths that are empty stand for scripts that the case does not have.
type material struct {
	set, name string
	setup     string // run first in every database: roles, extensions
	old       string // the state to start from; empty for schemas, which start from nothing
	seed      string // rows of the old state
	new       string // the state to reach
}

func (m material) String() string { return m.set + "/" + m.name }

// findCases lists the cases that the options choose. The error is fs.ErrNotExist where there are no corpora.
func findCases(o options) ([]material, error) {
	if _, err := os.Stat(o.dir); err != nil {
		return nil, err
	}
	var chosen []material
	for _, set := range sets {
		if o.set != "" && o.set != set {
			continue
		}
		all, err := casesOf(o.dir, set)
		if err != nil {
			return nil, fmt.Errorf("list %s: %w", set, err)
		}
		for _, m := range all {
			if o.pattern.MatchString(m.String()) {
				chosen = append(chosen, m)
			}
		}
	}
	return chosen, nil
}

func casesOf(dir, set string) ([]material, error) {
	pattern := map[string]string{
		"schemas": "schemas/*/schema.sql", "upgrades": "upgrades/*/v2.sql", "pairs": "pairs/*/*/new.sql",
	}[set]
	files, err := filepath.Glob(filepath.Join(dir, pattern))
	if err != nil {
		return nil, err
	}
	var found []material
	for _, file := range files {
		home := filepath.Dir(file)
		name, err := filepath.Rel(filepath.Join(dir, set), home)
		if err != nil {
			return nil, err
		}
		m := material{set: set, name: filepath.ToSlash(name), new: file}
		switch set {
		case "schemas":
			m.setup = present(home, "roles.sql")
		case "upgrades":
			m.old = filepath.Join(home, "v1.sql")
		case "pairs":
			m.setup, m.seed = present(home, "setup.sql"), present(home, "seed.sql")
			m.old = filepath.Join(home, "old.sql")
		}
		found = append(found, m)
		if set == "pairs" {
			m.name += " (reverse)"
			// The rows are those of the old state and fit no other.
			m.old, m.new, m.seed = m.new, m.old, ""
			found = append(found, m)
		}
	}
	return found, nil
}

// present is the path of a file, or empty where there is none.
func present(dir, name string) string {
	path := filepath.Join(dir, name)
	if _, err := os.Stat(path); err != nil {
		return ""
	}
	return path
}
