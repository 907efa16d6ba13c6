package approval

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pleatdb/pleat/apply"
)

const (
	// Namespace is what signatures are made for (ssh-keygen -n), so that one made for something else never counts here.
	Namespace = "pleat-approval"

	title = "pleat approval 1"
	none  = "none"
)

// Statement is what is signed.
type Statement struct {
	Environment string // of the project file; empty for none
	Database    string
	Cluster     string // the server's system identifier; empty where it may not be seen
	Scope       []string
	Log         string // digest of the newest row of the log; empty where there is none
	At          time.Time
	Files       []apply.Proposed
}

// New states a proposal.
func New(environment string, at time.Time, p *apply.Proposal) *Statement {
	return &Statement{
		Environment: environment, Database: p.Database, Cluster: p.Cluster, Scope: slices.Sorted(slices.Values(p.Scope)), Log: p.Head(),
		At: at.UTC().Truncate(time.Second), Files: p.Files,
	}
}

// Text is the statement's one spelling: a title, a line for each fact, a line for each file. Names are quoted as Go does, so that none
// can break out of its line.
func (s *Statement) Text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\nenvironment %q\ndatabase %q\ncluster %s\n", title, s.Environment, s.Database, orNone(s.Cluster))
	for _, name := range s.Scope {
		fmt.Fprintf(&b, "scope %q\n", name)
	}
	fmt.Fprintf(&b, "log %s\nat %s\n", orNone(s.Log), s.At.Format(time.RFC3339))
	for _, f := range s.Files {
		fmt.Fprintf(&b, "file %s %q\n", f.Checksum, f.Name)
	}
	return b.String()
}

// Digest is the SHA-256 of the text.
func (s *Statement) Digest() string {
	sum := sha256.Sum256([]byte(s.Text()))
	return hex.EncodeToString(sum[:])
}

func orNone(text string) string {
	if text == "" {
		return none
	}
	return text
}

// Parse reads a text that [Statement.Text] wrote. Anything else, even another spelling of the same, is an error.
func Parse(text string) (*Statement, error) {
	s := &Statement{}
	lines := strings.Split(text, "\n")
	if lines[0] != title {
		return nil, fmt.Errorf("read statement: its first line is not %q", title)
	}
	for i, line := range lines[1:] {
		if line == "" {
			continue
		}
		if err := s.line(line); err != nil {
			return nil, fmt.Errorf("read statement: line %d: %w", i+2, err)
		}
	}
	if s.Text() != text {
		return nil, fmt.Errorf("read statement: it is not written as pleat writes it")
	}
	return s, nil
}

func (s *Statement) line(line string) (err error) {
	word, rest, _ := strings.Cut(line, " ")
	switch word {
	case "environment":
		s.Environment, err = strconv.Unquote(rest)
	case "database":
		s.Database, err = strconv.Unquote(rest)
	case "cluster":
		s.Cluster = strings.TrimPrefix(rest, none)
	case "scope":
		var name string
		name, err = strconv.Unquote(rest)
		s.Scope = append(s.Scope, name)
	case "log":
		s.Log = strings.TrimPrefix(rest, none)
	case "at":
		s.At, err = time.Parse(time.RFC3339, rest)
	case "file":
		checksum, quoted, _ := strings.Cut(rest, " ")
		f := apply.Proposed{Checksum: checksum}
		f.Name, err = strconv.Unquote(quoted)
		f.Version, _, _ = strings.Cut(f.Name, "_")
		s.Files = append(s.Files, f)
	default:
		err = fmt.Errorf("unknown word %q", word)
	}
	return err
}
