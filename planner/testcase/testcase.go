package testcase

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/pleatdb/pleat/planner"
)

// Case is one file of the corpus.
type Case struct {
	Name string
	// Major is the oldest major version of PostgreSQL that knows what the case uses: setting "major".
	Major int
	// Known says of each use (golden, proof, reverse) that it is known to fail, and why: setting "known-failure", whose text
	// begins with the use.
	Known map[string]string
	// Changed lists columns, as schema.table.column, whose values the plan rewrites: setting "rewrites".
	Changed map[string]bool
	// Harmless lists columns, as schema.table.column, whose change a server was seen to make without work: setting "harmless".
	Harmless map[string]bool
	path     string
	archive  *txtar.Archive
}

// Load reads all cases of a directory in the order of their names.
func Load(dir string) ([]*Case, error) {
	paths, err := filepath.Glob(filepath.Join(dir, "*.txtar"))
	if err != nil {
		return nil, fmt.Errorf("find cases: %w", err)
	}
	if len(paths) == 0 {
		return nil, fmt.Errorf("find cases: %s holds none", dir)
	}
	cases := make([]*Case, len(paths))
	for i, path := range paths {
		archive, err := txtar.ParseFile(path)
		if err != nil {
			return nil, fmt.Errorf("read case: %w", err)
		}
		c := &Case{
			Name: strings.TrimSuffix(filepath.Base(path), ".txtar"), path: path, archive: archive,
			Known: map[string]string{}, Changed: map[string]bool{}, Harmless: map[string]bool{},
		}
		if err := c.readSettings(); err != nil {
			return nil, fmt.Errorf("read case %s: %w", c.Name, err)
		}
		cases[i] = c
	}
	return cases, nil
}

func (c *Case) readSettings() error {
	prose := false
	for _, line := range strings.Split(string(c.archive.Comment), "\n") {
		word, text, _ := strings.Cut(line, ": ")
		switch word {
		case "major":
			major, err := strconv.Atoi(text)
			if err != nil {
				return fmt.Errorf("read setting major: %w", err)
			}
			c.Major = major
		case "known-failure":
			use, reason, ok := strings.Cut(text, ": ")
			if !ok || use != "golden" && use != "proof" && use != "reverse" {
				return fmt.Errorf("read setting known-failure: %q does not begin with golden, proof or reverse", text)
			}
			c.Known[use] = reason
		case "harmless":
			for _, column := range strings.Fields(text) {
				c.Harmless[column] = true
			}
		case "rewrites":
			for _, column := range strings.Fields(text) {
				c.Changed[column] = true
			}
		default:
			prose = prose || strings.TrimSpace(line) != ""
		}
	}
	if !prose {
		return fmt.Errorf("no prose says why it exists")
	}
	return nil
}

// File is the text of one file; ok is false where the case has none of that name.
func (c *Case) File(name string) (text string, ok bool) {
	for _, f := range c.archive.Files {
		if f.Name == name {
			return string(f.Data), true
		}
	}
	return "", false
}

// Set replaces the text of a file; an empty text removes it. Save writes the case.
func (c *Case) Set(name, text string) {
	for i := range c.archive.Files {
		if c.archive.Files[i].Name != name {
			continue
		}
		if c.archive.Files[i].Data = []byte(text); text == "" {
			c.archive.Files = append(c.archive.Files[:i], c.archive.Files[i+1:]...)
		}
		return
	}
	if text != "" {
		c.archive.Files = append(c.archive.Files, txtar.File{Name: name, Data: []byte(text)})
	}
}

// Save writes the case back to its file.
func (c *Case) Save() error {
	if err := os.WriteFile(c.path, txtar.Format(c.archive), 0o644); err != nil {
		return fmt.Errorf("write case: %w", err)
	}
	return nil
}

// Text writes the way up of a plan as the files hold it.
func Text(steps []planner.Step) string {
	var b strings.Builder
	for i, step := range steps {
		b.WriteString("-- step " + strconv.Itoa(i+1) + "\n")
		for _, id := range step.Loses {
			b.WriteString("-- loses: " + id.String() + "\n")
		}
		for _, s := range step.Up {
			b.WriteString(s.SQL + ";\n")
		}
	}
	return b.String()
}

// Phases writes the whole of a plan that is divided into phases, both ways.
func Phases(steps []planner.Step) string {
	var b strings.Builder
	for i, step := range steps {
		b.WriteString("-- step " + strconv.Itoa(i+1) + " " + step.Phase.String())
		b.WriteString(modeText(step.Mode) + "\n")
		if step.Reason != "" {
			b.WriteString("-- why: " + step.Reason + "\n")
		}
		for _, c := range step.Checks {
			b.WriteString("-- check: " + oneLine(c.Message) + "\n-- " + oneLine(c.SQL) + "\n")
		}
		for _, id := range step.Loses {
			b.WriteString("-- loses: " + oneLine(id.String()) + "\n")
		}
		for _, s := range step.Up {
			b.WriteString(s.SQL + ";\n")
		}
		if len(step.Down) == 0 {
			continue
		}
		b.WriteString("-- down" + modeText(step.DownMode) + "\n")
		for _, id := range step.DownLoses {
			b.WriteString("-- loses: " + oneLine(id.String()) + "\n")
		}
		for _, s := range step.Down {
			b.WriteString(s.SQL + ";\n")
		}
	}
	return b.String()
}

func modeText(m planner.Mode) string {
	return [...]string{"", " outside of a transaction", " in batches"}[m]
}

// oneLine keeps a name with a line break on its line.
func oneLine(text string) string { return strings.ReplaceAll(text, "\n", "\\n") }
