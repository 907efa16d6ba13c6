package view

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

// Interactive tells whether somebody can answer a question: standard input is a terminal.
func (v *View) Interactive() bool { return v.streams.InTerminal }

// console is where a person reads a question: standard error, or, where that goes elsewhere, the terminal itself.
func (v *View) console(write func(*page)) {
	if v.streams.ErrTerminal {
		v.write(write)
		return
	}
	tty, err := os.OpenFile("/dev/tty", os.O_WRONLY, 0)
	if err != nil {
		v.write(write) // no such device on this system; better there than nowhere
		return
	}
	defer tty.Close()
	p := &page{}
	write(p)
	_, _ = io.WriteString(tty, v.streams.Mask(p.b.String())) // the answer will be missing, and that ends the command
}

// Confirm asks and tells whether the answer is the word yes; nothing else counts.
func (v *View) Confirm(ctx context.Context, question string) (bool, error) {
	answer, err := v.Ask(ctx, question+"\n  Only \"yes\" will be accepted: ")
	return answer == "yes", err
}

// Ask asks and reads one line. The end of the input is an empty answer. An interrupted context ends the
// waiting; the reading itself goes on until the process ends, since a terminal cannot be read with a limit.
func (v *View) Ask(ctx context.Context, question string) (string, error) {
	v.console(func(p *page) { p.b.WriteString(Clean(question)) })
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

// Password asks for something that must not be seen while it is typed.
func (v *View) Password(question string) ([]byte, error) {
	v.console(func(p *page) { p.b.WriteString(Clean(question)) })
	file, ok := v.streams.In.(*os.File)
	if !ok {
		return nil, errors.New("nobody can be asked: standard input is no terminal")
	}
	text, err := term.ReadPassword(int(file.Fd()))
	v.console(func(p *page) { p.b.WriteByte('\n') })
	if err != nil {
		return nil, fmt.Errorf("read the answer: %w", err)
	}
	v.streams.Hide(string(text))
	return text, nil
}
