package view

import (
	"bufio"
	"context"
	"strings"
)

// Interactive tells whether somebody can answer a question: standard input and standard error are terminals.
func (v *View) Interactive() bool { return v.streams.InTerminal && v.streams.ErrTerminal }

// Confirm asks on standard error and tells whether the answer is the word yes; nothing else counts.
func (v *View) Confirm(ctx context.Context, question string) (bool, error) {
	answer, err := v.Ask(ctx, question+"\n  Only \"yes\" will be accepted: ")
	return answer == "yes", err
}

// Ask asks on standard error and reads one line. The end of the input is an empty answer. An interrupted context ends the
// waiting; the reading itself goes on until the process ends, since a terminal cannot be read with a limit.
func (v *View) Ask(ctx context.Context, question string) (string, error) {
	v.say(func(p *page) { p.b.WriteString(Clean(question)) })
	answer := make(chan string, 1)
	go func() {
		line, _ := bufio.NewReader(v.streams.In).ReadString('\n') // an error is the end of the input
		answer <- strings.TrimSpace(line)
	}()
	select {
	case <-ctx.Done():
		return "", ctx.Err()
	case text := <-answer:
		return text, nil
	}
}
