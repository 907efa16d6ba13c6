package pgtest

import (
	"os"
	"path/filepath"
	"testing"
)

// Corpora is the path of the real schemas that lie beside a checkout, or of a part of them. The test is skipped where they
// are absent.
func Corpora(t testing.TB, parts ...string) string {
	t.Helper()
	return beside(t, append([]string{"corpora"}, parts...))
}

// Legacy is the path of other tools' databases and directories that lie beside a checkout, or of a part of them. The test is
// skipped where they are absent.
func Legacy(t testing.TB, parts ...string) string {
	t.Helper()
	return beside(t, append([]string{"legacy"}, parts...))
}

// beside finds a path in the directory shared, next to the module's root.
func beside(t testing.TB, parts []string) string {
	t.Helper()
	root, err := moduleRoot()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(append([]string{filepath.Dir(root), "shared"}, parts...)...)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("test material is absent: %v", err)
	}
	return path
}

// moduleRoot is the nearest directory above the test's own that holds go.mod.
func moduleRoot() (string, error) {
	dir, err := os.Getwd()
	for err == nil {
		if _, missing := os.Stat(filepath.Join(dir, "go.mod")); missing == nil {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", os.ErrNotExist
		}
		dir = parent
	}
	return "", err
}
