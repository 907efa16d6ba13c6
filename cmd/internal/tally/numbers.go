package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strings"
)

// numbers is what is counted.
type numbers struct{ passed, failed, skipped int }

func (n numbers) plus(m numbers) numbers {
	return numbers{n.passed + m.passed, n.failed + m.failed, n.skipped + m.skipped}
}

// String is the line that tally ends with; save writes it and printSum reads it.
func (n numbers) String() string {
	return fmt.Sprintf("%d passed, %d failed, %d skipped", n.passed, n.failed, n.skipped)
}

// save adds a line to a file.
func (n numbers) save(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return fmt.Errorf("keep counts: %w", err)
	}
	_, err = fmt.Fprintln(f, n)
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return fmt.Errorf("keep counts: %w", err)
	}
	return nil
}

// printSum adds up the lines of a file. Without a line nothing ran, which is a failure.
func printSum(path string, stdout, stderr io.Writer) int {
	text, err := os.ReadFile(path)
	if err != nil && !os.IsNotExist(err) {
		fmt.Fprintln(stderr, "read counts:", err)
	}
	var total numbers
	lines := bufio.NewScanner(strings.NewReader(string(text)))
	for lines.Scan() {
		var n numbers
		if _, err := fmt.Sscanf(lines.Text(), "%d passed, %d failed, %d skipped", &n.passed, &n.failed, &n.skipped); err != nil {
			fmt.Fprintf(stderr, "read counts: %q is no line of counts\n", lines.Text())
			n = numbers{failed: 1}
		}
		total = total.plus(n)
	}
	if total == (numbers{}) {
		total.failed = 1
	}
	fmt.Fprintln(stdout, total)
	if total.failed > 0 {
		return 1
	}
	return 0
}
