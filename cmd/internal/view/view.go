package view

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/pleatdb/pleat/schema"
)

// Options say how a command speaks.
type Options struct {
	// Command is the command's name: the field "command" of its JSON.
	Command string
	// JSON prints one JSON object on standard output in the place of text.
	JSON bool
	// JSONInto is a file that gets the JSON object beside what is printed; empty for none.
	JSONInto string
	// NoColor turns colour off also at a terminal.
	NoColor bool
	// Getenv reads NO_COLOR and TERM.
	Getenv func(string) string
}

// View prints for one command. It is safe for concurrent use.
type View struct {
	streams *Streams
	opts    Options
	colour  struct{ out, err bool }

	mu     sync.Mutex
	seen   map[schema.ID]bool
	notes  []string
	listed []string

	// batchTold is when the progress of a step in batches was last told. Observers are told things by one goroutine.
	batchTold time.Time
}

// New makes the view of one command.
func New(s *Streams, o Options) *View {
	v := &View{streams: s, opts: o, seen: map[schema.ID]bool{}}
	may := !o.NoColor && o.Getenv("NO_COLOR") == "" && o.Getenv("TERM") != "dumb"
	v.colour.out, v.colour.err = may && s.OutTerminal, may && s.ErrTerminal
	return v
}

// Document is a result: the published shape of its JSON, which can print itself for people.
type Document interface {
	// head is the part that all documents have.
	head() *Head
	// text writes the result for people.
	text(p *page)
}

// Show prints the result of the command; it is called once.
func (v *View) Show(d Document) error {
	*d.head() = Head{Version: ShapeVersion, Command: v.opts.Command, Notes: v.takeNotes()}
	if u, ok := d.(interface{ unmanaged() *[]string }); ok {
		*u.unmanaged() = v.takeListed()
	}
	if err := v.encode(d); err != nil {
		return err
	}
	if v.opts.JSON {
		return nil
	}
	p := &page{colour: v.colour.out, terminal: v.streams.OutTerminal}
	d.text(p)
	_, err := v.streams.Out.Write([]byte(p.b.String()))
	return wrap("write the result", err)
}

// encode writes the JSON to where it is wanted.
func (v *View) encode(d any) error {
	if !v.opts.JSON && v.opts.JSONInto == "" {
		return nil
	}
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false) // this is no HTML, and -> is easier to read than its escape
	err := encoder.Encode(d)
	if err != nil {
		return fmt.Errorf("encode the result: %w", err)
	}
	text := b.Bytes()
	if v.opts.JSONInto != "" {
		if err := os.WriteFile(v.opts.JSONInto, []byte(v.streams.Mask(string(text))), 0o644); err != nil {
			return fmt.Errorf("write the JSON: %w", err)
		}
	}
	if v.opts.JSON {
		_, err = v.streams.Out.Write(text)
	}
	return wrap("write the result", err)
}

func wrap(doing string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", doing, err)
}

// say writes to standard error, unless a log has taken its place.
func (v *View) say(write func(*page)) {
	if !v.streams.quiet {
		v.write(write)
	}
}

func (v *View) write(write func(*page)) {
	p := &page{colour: v.colour.err}
	write(p)
	// There is nowhere left to report that standard error cannot be written to.
	_, _ = v.streams.Err.Write([]byte(p.b.String()))
}

// Progress tells what takes time.
func (v *View) Progress(message string) {
	v.streams.tell("info", message)
	v.progress(message)
}

// progress is Progress for what is in the log already, as an event of the run.
func (v *View) progress(message string) {
	v.say(func(p *page) { p.styledf(faint, "%s", message) })
}

// Note tells something that a person should know; it is also in the JSON of the result.
func (v *View) Note(message string) {
	v.keep(message)
	v.streams.tell("info", message)
	v.say(func(p *page) { p.linef("note: %s", message) })
}

// Warn is Note for what is likely to be wrong.
func (v *View) Warn(message string) {
	v.streams.tell("warn", message)
	v.warn(message)
}

// warn is Warn for what is in the log already, as an event of the run.
func (v *View) warn(message string) {
	v.keep(message)
	v.say(func(p *page) { p.styledf(yellow, "warning: %s", message) })
}

func (v *View) keep(message string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.notes = append(v.notes, message)
}

func (v *View) takeNotes() []string {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.notes
}

// Unmanaged lists the objects of a catalog that pleat cannot model and does not touch, each once for a command. They are
// also in the JSON of its result.
func (v *View) Unmanaged(c *schema.Catalog) {
	var fresh []string
	v.mu.Lock()
	for _, id := range c.IDs() {
		if name, ok := unmanagedName(c.Get(id)); ok && !v.seen[id] {
			v.seen[id] = true
			fresh = append(fresh, name)
		}
	}
	v.listed = append(v.listed, fresh...)
	v.mu.Unlock()
	for _, name := range fresh {
		v.streams.tell("debug", "unmanaged: "+name)
	}
	v.say(func(p *page) {
		for _, name := range fresh {
			p.styledf(faint, "unmanaged: %s", name)
		}
	})
}

func (v *View) takeListed() []string {
	v.mu.Lock()
	defer v.mu.Unlock()
	return append([]string{}, v.listed...)
}

// unmanagedName names an object that HCL cannot declare. Grants and rules are such objects, though pleat knows enough of
// them to restore them; that every object has an owner is not worth a line.
func unmanagedName(o schema.Object) (string, bool) {
	switch o := o.(type) {
	case *schema.Unmanaged:
		return UnmanagedName(o), true
	case *schema.Grant, *schema.Rule:
		return oneLine(o.ID().String()), true
	}
	return "", false
}

// UnmanagedName is how an object that pleat cannot model is listed: PostgreSQL's word for its kind, and its name, such as
// "aggregate public.sum2(integer)".
func UnmanagedName(u *schema.Unmanaged) string {
	name := u.Name
	// A name with arguments, and what has no name but is called by what it is between, is text already.
	if !strings.ContainsAny(name, "( ") {
		name = schema.ID{Kind: schema.KindSchema, Name: name}.Path()
	}
	for _, part := range []string{u.Parent, u.Schema} {
		if part != "" {
			name = schema.ID{Kind: schema.KindSchema, Name: part}.Path() + "." + name
		}
	}
	return oneLine(u.What + " " + name)
}
