package config

import (
	"fmt"
	"maps"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"
)

// The values of [Backup.When].
const (
	// Always takes a backup before every run.
	Always = "always"
	// Destructive takes one before runs that lose data, rewrite tables or fill them.
	Destructive = "destructive"
	// Never takes none, in an environment that is to go without the one at the top of the file.
	Never = "never"
)

// Backup is what a backup block says; a zero field was not said.
type Backup struct {
	// Said tells that there is a block at all.
	Said bool
	// RestorePoint is "true", "false" or "auto".
	RestorePoint string
	Rows, Dump   bool
	// Command and Verify are programs with their arguments.
	Command, Verify []string
	Timeout         time.Duration
	// Dir is a path from the working directory.
	Dir  string
	Keep int
	// MaxSize is in bytes.
	MaxSize, MaxRows int64
	// TooLarge is "refuse" or "skip".
	TooLarge string
	When     string
}

var backupSchema = &hcl.BodySchema{Attributes: []hcl.AttributeSchema{
	{Name: "restore_point"}, {Name: "rows"}, {Name: "dump"}, {Name: "command"}, {Name: "verify_command"}, {Name: "timeout"}, {Name: "dir"}, {Name: "keep"},
	{Name: "max_size"}, {Name: "max_rows"}, {Name: "too_large"}, {Name: "when"}, {Name: "verify"},
}}

// checkBackup checks the structure of a backup block.
func checkBackup(b *hcl.Block) hcl.Diagnostics {
	_, diags := b.Body.Content(backupSchema)
	return diags
}

// Backup evaluates the backup block of an environment over that of the file; an empty name gives the latter. Each attribute
// replaces that of the file.
func (c *Config) Backup(name string) (*Backup, hcl.Diagnostics) {
	attributes := hcl.Attributes{}
	out := &Backup{}
	layers := []map[string]*hcl.Block{c.defaults.settings}
	if e, ok := c.environments[name]; ok {
		layers = append(layers, e.settings)
	}
	for _, settings := range layers {
		if b := settings["backup"]; b != nil {
			content, _ := b.Body.Content(backupSchema) // what is wrong with it was reported when the file was read
			maps.Copy(attributes, content.Attributes)
			out.Said = true
		}
	}
	d := &decoder{config: c, attributes: attributes}
	out.RestorePoint = d.oneOf("restore_point", "true", "false", "auto")
	out.Rows, out.Dump = d.flag("rows"), d.flag("dump")
	out.Command, out.Verify, out.Timeout = d.texts("command"), d.texts("verify_command"), d.span("timeout")
	out.Dir, out.Keep = d.path("dir"), int(d.count("keep", math.MaxInt16))
	out.MaxSize, out.MaxRows = d.size("max_size"), d.count("max_rows", math.MaxInt64)
	out.TooLarge = d.oneOf("too_large", "refuse", "skip")
	out.When = d.oneOf("when", Always, Destructive, Never)
	if d.text("verify") != "" {
		d.wrong("verify", `There is nothing to choose: every archive is read back in full, and the rows in it are counted. `+
			`What reads back the work of your own command is verify_command.`)
	}
	if len(out.Verify) > 0 && len(out.Command) == 0 {
		d.wrong("verify_command", `It reads back what "command" wrote, and there is none.`)
	}
	return out, d.diags
}

// size reads an amount as PostgreSQL spells it, in units of 1024: 512kB, 100MB, 2GB. It is 0 where nothing was said.
func (d *decoder) size(name string) int64 {
	text := strings.ReplaceAll(d.text(name), " ", "")
	if text == "" {
		return 0
	}
	for i, unit := range []string{"kB", "MB", "GB", "TB"} {
		digits, ok := strings.CutSuffix(text, unit)
		if !ok {
			continue
		}
		n, err := strconv.ParseInt(digits, 10, 64)
		if shift := 10 * (i + 1); err == nil && n > 0 && n <= math.MaxInt64>>shift {
			return n << shift
		}
	}
	d.wrong(name, fmt.Sprintf("%q must be an amount with its unit, for example \"512kB\", \"100MB\" or \"2GB\".", name))
	return 0
}
