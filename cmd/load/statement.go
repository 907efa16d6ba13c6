package main

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync/atomic"
)

// statement is one that clients send, with how often and how.
type statement struct {
	sql      string
	write    bool
	prepared bool
	weight   int
	args     []argument
}

// label is the statement on one line, short enough for a table.
func (s *statement) label() string {
	text := []rune(strings.Join(strings.Fields(s.sql), " "))
	if len(text) > 110 {
		text = append(text[:109], '…')
	}
	return string(text)
}

// parseStatements reads a script of clients: a line that says how, and the statement below it.
func parseStatements(text string) ([]statement, error) {
	var all []statement
	for line := range strings.Lines(text) {
		head, isHead := strings.CutPrefix(line, "-- ")
		words := strings.Fields(head)
		switch {
		case isHead && len(words) > 0 && (words[0] == "read" || words[0] == "write"):
			s, err := parseHead(words)
			if err != nil {
				return nil, err
			}
			all = append(all, s)
		case len(all) > 0:
			all[len(all)-1].sql += line
		case strings.TrimSpace(line) != "" && !isHead:
			return nil, fmt.Errorf("no line says how to send %q", strings.TrimSpace(line))
		}
	}
	for i := range all {
		all[i].sql = strings.TrimSuffix(strings.TrimSpace(all[i].sql), ";")
	}
	return all, nil
}

func parseHead(words []string) (statement, error) {
	wrong := fmt.Errorf("read %q: it must be read|write WEIGHT simple|prepared [ARGUMENT…]", strings.Join(words, " "))
	if len(words) < 3 || words[2] != "simple" && words[2] != "prepared" {
		return statement{}, wrong
	}
	weight, err := strconv.Atoi(words[1])
	if err != nil || weight < 1 {
		return statement{}, wrong
	}
	s := statement{write: words[0] == "write", weight: weight, prepared: words[2] == "prepared"}
	for _, word := range words[3:] {
		a, err := parseArgument(word)
		if err != nil {
			return statement{}, err
		}
		s.args = append(s.args, a)
	}
	return s, nil
}

// argument makes values of one parameter.
type argument struct {
	kind     string
	from, to int
}

func parseArgument(word string) (argument, error) {
	a := argument{kind: word}
	if rest, ok := strings.CutPrefix(word, "int("); ok {
		a.kind = "int"
		if _, err := fmt.Sscanf(rest, "%d,%d)", &a.from, &a.to); err != nil || a.to < a.from {
			return a, fmt.Errorf("read argument %q: it must be like int(1,9)", word)
		}
	}
	switch a.kind {
	case "row", "fresh", "int", "text", "bool":
		return a, nil
	}
	return a, fmt.Errorf("there is no argument %q", word)
}

// numbers gives what all clients of a run share: how many rows were seeded, and numbers that nobody used.
type numbers struct {
	rows int
	used atomic.Int64
}

var words = []string{"north", "o'hara", "", "south of \"here\"", "wéstern", "$1 off", "back\\slash", "east"}

// value is one value in text form.
func (a argument) value(n *numbers, r *rand.Rand) string {
	switch a.kind {
	case "row":
		return strconv.Itoa(1 + r.IntN(n.rows))
	case "fresh":
		return strconv.FormatInt(int64(n.rows)+n.used.Add(1), 10)
	case "int":
		return strconv.Itoa(a.from + r.IntN(a.to-a.from+1))
	case "bool":
		return strconv.FormatBool(r.IntN(2) == 0)
	}
	return words[r.IntN(len(words))] + strconv.Itoa(r.IntN(1000))
}

// pick chooses by weight.
func pick(list []statement, r *rand.Rand, fits func(*statement) bool) int {
	total := 0
	for i := range list {
		if fits(&list[i]) {
			total += list[i].weight
		}
	}
	if total == 0 {
		return -1
	}
	n := r.IntN(total)
	for i := range list {
		if !fits(&list[i]) {
			continue
		}
		if n -= list[i].weight; n < 0 {
			return i
		}
	}
	return -1
}
