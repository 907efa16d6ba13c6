package event

import (
	"context"
	"io"
	"log/slog"
	"reflect"
	"strings"
	"time"
)

// NewLog writes each event as a line of JSON, with log/slog. Each line is one Write.
func NewLog(w io.Writer) Sink {
	h := slog.NewJSONHandler(w, &slog.HandlerOptions{Level: slog.LevelDebug, ReplaceAttr: published})
	return SinkFunc(func(e Event) {
		r := slog.NewRecord(e.Time, levelOf(e.Level), e.Message, 0)
		r.AddAttrs(attrs(e)...)
		_ = h.Handle(context.Background(), r) // where a log cannot be written to, there is nowhere to say so
	})
}

// published gives slog's own keys the names and the form that the shape has.
func published(groups []string, a slog.Attr) slog.Attr {
	if len(groups) > 0 {
		return a
	}
	switch a.Key {
	case slog.MessageKey:
		a.Key = "message"
	case slog.LevelKey:
		if level, ok := a.Value.Any().(slog.Level); ok {
			a.Value = slog.StringValue(strings.ToLower(level.String()))
		}
	}
	return a
}

func levelOf(name string) slog.Level {
	var level slog.Level
	if err := level.UnmarshalText([]byte(name)); err != nil {
		return slog.LevelInfo
	}
	return level
}

// attrs are the fields of an event as encoding/json would name them, without those that slog writes itself.
func attrs(e Event) (out []slog.Attr) {
	v := reflect.ValueOf(e)
	for i := range v.NumField() {
		name, options, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
		if name == "time" || name == "level" || name == "message" || options == "omitempty" && v.Field(i).IsZero() {
			continue
		}
		out = append(out, slog.Any(name, v.Field(i).Interface()))
	}
	return out
}

// Hello is the first event of a log.
func Hello(tool string, now time.Time) Event {
	return Event{Version: ShapeVersion, Time: now.UTC(), Level: "info", Type: TypeVersion, Message: "events of " + tool, Tool: tool}
}
