package notify

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/pleatdb/pleat/cmd/internal/event"
)

// slackText is a text of Slack's blocks.
type slackText struct {
	Type string `json:"type"`
	Text string `json:"text"`
}

type slackBlock struct {
	Type     string      `json:"type"`
	Text     *slackText  `json:"text,omitempty"`
	Elements []slackText `json:"elements,omitempty"`
}

// slackBody is what an incoming webhook of Slack takes: text is what a notification shows, blocks what the channel shows.
type slackBody struct {
	Text   string       `json:"text"`
	Blocks []slackBlock `json:"blocks"`
}

// most is below the 3,000 characters that Slack takes in a text.
const most = 2800

func slackMessage(e event.Event) ([]byte, error) {
	line := headline(e)
	b := slackBody{Text: escape(line + ": " + e.Message), Blocks: []slackBlock{section("*" + escape(line) + "*")}}
	b.Blocks = append(b.Blocks, section(code(e.Message)))
	if list := doneFiles(e); list != "" {
		b.Blocks = append(b.Blocks, section(code(list)))
	}
	if e.Error != nil && e.Error.Next != "" {
		b.Blocks = append(b.Blocks, section("Next: "+escape(e.Error.Next)))
	}
	b.Blocks = append(b.Blocks, slackBlock{Type: "context", Elements: []slackText{{"mrkdwn", escape(particulars(e))}}})
	body, err := json.Marshal(b)
	if err != nil {
		return nil, fmt.Errorf("encode the message: %w", err)
	}
	return body, nil
}

// headline says what happened where: "pleat apply failed on app (production)".
func headline(e event.Event) string {
	what := map[string]string{
		event.TypeRunFailed: "failed", event.TypeRunFinished: "is complete", event.TypeRunStarted: "begins", event.TypeHookFailed: "had a hook that failed",
	}[e.Type]
	if what == "" {
		what = e.Type
	}
	out := "pleat " + e.Command + " " + what
	if e.Database != "" {
		out += " on " + e.Database
	}
	if e.Target != "" {
		out += ", target " + e.Target
	}
	if e.Environment != "" {
		out += " (" + e.Environment + ")"
	}
	return out
}

func doneFiles(e event.Event) string {
	if e.Result == nil {
		return ""
	}
	var lines []string
	for _, m := range e.Result.Done {
		lines = append(lines, fmt.Sprintf("%s  %s", m.File, (time.Duration(m.Milliseconds)*time.Millisecond).String()))
	}
	return strings.Join(lines, "\n")
}

func particulars(e event.Event) string {
	parts := []string{e.Time.Format(time.RFC3339)}
	add := func(label, value string) {
		if value != "" {
			parts = append(parts, label+value)
		}
	}
	add("run ", e.Run)
	if e.Migration != nil {
		add("", e.Migration.File)
	}
	if e.Step > 0 {
		add("step ", fmt.Sprint(e.Step))
	}
	add("SQLSTATE ", e.SQLState)
	add("release ", e.Release)
	return strings.Join(parts, " · ")
}

func section(markdown string) slackBlock {
	return slackBlock{Type: "section", Text: &slackText{"mrkdwn", markdown}}
}

// code is a text as a block of code, which it cannot end.
func code(text string) string {
	return "```" + escape(strings.ReplaceAll(text, "`", "'")) + "```"
}

// escape replaces the three characters with which Slack's markup begins, and cuts what is too long for a block.
func escape(text string) string {
	var b strings.Builder
	for _, r := range text {
		if b.Len() > most {
			b.WriteString("…")
			break
		}
		switch r {
		case '&':
			b.WriteString("&amp;")
		case '<':
			b.WriteString("&lt;")
		case '>':
			b.WriteString("&gt;")
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
