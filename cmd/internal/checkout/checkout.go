package checkout

import (
	"fmt"
	"os"
	"path/filepath"
)

// Path is a path that a flag may have given.
type Path struct {
	Given *string // empty for the default; absolute afterwards
	// Default is relative to the module's root, with slashes.
	Default string
}

// Locate fills in the default paths and makes all absolute, since pleat runs in other directories.
func Locate(paths ...Path) error {
	root, err := moduleRoot()
	if err != nil {
		return fmt.Errorf("find the module's root: %w", err)
	}
	for _, p := range paths {
		if *p.Given == "" {
			*p.Given = filepath.Join(root, filepath.FromSlash(p.Default))
		}
		if *p.Given, err = filepath.Abs(*p.Given); err != nil {
			return fmt.Errorf("read path: %w", err)
		}
	}
	return nil
}

// moduleRoot is the nearest directory upwards that holds go.mod, or the working directory.
func moduleRoot() (string, error) {
	start, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for dir := start; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		if filepath.Dir(dir) == dir {
			return start, nil
		}
	}
}
