package eval

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/agext/levenshtein"
	"github.com/hashicorp/hcl/v2"
)

// diagnostic is one error at a place.
func diagnostic(at hcl.Range, summary, detail string) hcl.Diagnostics {
	return hcl.Diagnostics{{Severity: hcl.DiagError, Summary: summary, Detail: detail, Subject: &at}}
}

// general is one error that no file is to blame for.
func general(summary, detail string) hcl.Diagnostics {
	return hcl.Diagnostics{{Severity: hcl.DiagError, Summary: summary, Detail: detail}}
}

// DidYouMean is ` Did you mean "x"?` for the known name nearest to a wrong one, or nothing when none is near.
func DidYouMean(wrong string, known []string) string {
	best, distance := "", 3
	for _, name := range known {
		if d := levenshtein.Distance(wrong, name, nil); d < distance && d < len(name) {
			best, distance = name, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf(" Did you mean %q?", best)
}

// cause is an error of the file system without the path, which the message has already.
func cause(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}
