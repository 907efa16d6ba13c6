package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/pleatdb/pleat/planner"
	"github.com/pleatdb/pleat/schema"
	"github.com/pleatdb/pleat/schema/hclfile"
)

// ask asks about each drop and creation that looks like a rename. What is one is declared in the files, so that the next
// plan, and everyone else's, knows it too.
func (o *planOptions) ask(ctx context.Context, p *project, pairs []planner.Move) error {
	for _, pair := range pairs {
		question := fmt.Sprintf("%s would be dropped and %s created. Was it renamed?\n"+
			"  \"yes\" adds a moved block to the files; \"no\" drops the old one with its data: ", pair.From, pair.To)
		answer, err := p.view.Ask(ctx, question)
		if err != nil {
			return err
		}
		switch answer {
		case "yes":
			if err := p.declareMove(pair); err != nil {
				return err
			}
		case "no":
		default:
			return fmt.Errorf("the answer %q is neither yes nor no, and nothing was written", answer)
		}
	}
	return nil
}

// declareMove writes the answer beside the new object.
func (p *project) declareMove(pair planner.Move) error {
	desired, err := p.desired(p.schema)
	if err != nil {
		return err
	}
	path := fileOf(desired, pair.To, p.schema)
	if err := hclfile.AddMoved(path, hclfile.Move{From: pair.From, To: pair.To}); err != nil {
		return err
	}
	p.view.Progress("added a moved block to " + path)
	return nil
}

// fileOf is the file that declares an object, or one for moves alone.
func fileOf(d *hclfile.Desired, id schema.ID, path string) string {
	if found, ok := d.Ranges[id]; ok && filepath.Ext(found.Def.Filename) == ".hcl" {
		return found.Def.Filename
	}
	if info, err := os.Stat(path); err == nil && !info.IsDir() {
		return path
	}
	return filepath.Join(path, "moved.hcl")
}
