package main

import (
	"fmt"
	"os"

	"github.com/pleatdb/pleat/cmd/internal/config"
	"github.com/pleatdb/pleat/cmd/internal/event"
	"github.com/pleatdb/pleat/cmd/internal/view"
)

// logging is where events go as lines of JSON.
type logging struct {
	format, file string
	sinks        []event.Sink
}

// Tell hands an event to every log; it implements [event.Sink].
func (l *logging) Tell(e event.Event) {
	for _, s := range l.sinks {
		s.Tell(e)
	}
}

// logs begins the logs that flags ask for, and the project file where flags leave it open; said may be nil.
func (a *app) logs(o *shared, said *config.Log) error {
	if said == nil {
		said = &config.Log{}
	}
	if err := oneOf("log-format", o.logFormat, "", "text", "json"); err != nil {
		return err
	}
	if format := firstOf(o.logFormat, said.Format); a.log.format == "" && format != "" {
		a.log.format = format
		if format == "json" {
			a.begin(event.NewLog(a.streams.Err))
		}
	}
	file := firstOf(o.logFile, said.File)
	if a.log.file != "" || file == "" {
		return nil
	}
	// The system closes it: the last line is written when the command has said its last word.
	f, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("open the log: %w", err)
	}
	a.log.file = file
	a.begin(event.NewLog(f))
	return nil
}

// begin adds a log, whose first line says who writes it.
func (a *app) begin(s event.Sink) {
	s.Tell(event.Hello(a.tool(), a.now()))
	a.log.sinks = append(a.log.sinks, s)
	a.streams.LogTo(a.logMessage, a.log.format == "json")
}

// logMessage logs what a person would read.
func (a *app) logMessage(level, message string) {
	kind := event.TypeMessage
	if level == "warn" {
		kind = event.TypeWarning
	}
	a.log.Tell(event.Masked(event.Event{
		Version: event.ShapeVersion, Time: a.now().UTC(), Level: level, Type: kind, Message: message, Tool: a.tool(),
	}, a.streams.Mask))
}

// projectLog begins the logs that the project file asks for.
func (p *project) projectLog() error {
	said, diags := p.config.Log(p.env.Name)
	if diags.HasErrors() {
		return &view.DiagnosticsError{Diags: diags, Files: p.config.Files}
	}
	return p.app.logs(p.flags, said)
}
