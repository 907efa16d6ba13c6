package hclfile

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/pleatdb/pleat/schema"
)

// AddMoved writes a moved block at the end of a file, which is made where it does not exist: the answer to the question
// whether a drop and an add are a rename. The schema is always named. The file is replaced as a whole, so that it is
// never half written.
func AddMoved(path string, m Move) error {
	src, err := os.ReadFile(path)
	mode := fs.FileMode(0o644)
	switch info, statErr := os.Stat(path); {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return fmt.Errorf("add moved block: %w", err)
	case statErr == nil:
		mode = info.Mode().Perm()
	}
	out, err := appendMoved(src, path, m)
	if err != nil {
		return err
	}
	temp, err := os.CreateTemp(filepath.Dir(path), ".pleat-*")
	if err != nil {
		return fmt.Errorf("add moved block: %w", err)
	}
	defer os.Remove(temp.Name())
	_, err = temp.Write(out)
	err = errors.Join(err, temp.Chmod(mode), temp.Close())
	if err == nil {
		err = os.Rename(temp.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("add moved block: %w", err)
	}
	return nil
}

func appendMoved(src []byte, path string, m Move) ([]byte, error) {
	if _, diags := hclsyntax.ParseConfig(src, path, hcl.InitialPos); diags.HasErrors() {
		return nil, fmt.Errorf("add moved block: %s has syntax errors: %w", path, diags)
	}
	n := newNode("moved")
	for name, id := range map[string]schema.ID{"from": m.From, "to": m.To} {
		if fullRef(id) == "" {
			return nil, fmt.Errorf("add moved block: %s has no name in HCL to %s", id, name)
		}
	}
	n.attr("from", fullRef(m.From))
	n.attr("to", fullRef(m.To))
	if m.From.Args != m.To.Args {
		n.attr("args", quoted(m.From.Args))
	}
	n.word("strategy", m.Strategy)
	out := bytes.TrimRight(src, "\n")
	if len(out) > 0 {
		out = append(out, "\n\n"...)
	}
	return append(bytes.Clone(out), render([]*node{n})...), nil
}

// fullRef is a reference with the schema, which means the same whatever else is declared; empty for kinds without one.
func fullRef(id schema.ID) string {
	kind, part := id.Kind, ""
	for word, k := range referenceParts {
		if k == kind && word != "field" {
			kind, part = schema.KindTable, word
		}
	}
	if kind == schema.KindDomainCheck {
		kind, part = schema.KindDomain, "check"
	}
	for _, root := range []string{"schema", "extension", "enum", "domain", "composite", "sequence", "table", "view", "materialized", "function", "procedure"} {
		if referenceRoots[root] != kind {
			continue
		}
		switch {
		case part != "":
			return root + member(id.Schema) + member(id.Parent) + member(part) + member(id.Name)
		case id.Schema == "":
			return root + member(id.Name)
		}
		return root + member(id.Schema) + member(id.Name)
	}
	return ""
}
