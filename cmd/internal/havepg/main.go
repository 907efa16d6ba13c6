package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"

	"github.com/pleatdb/pleat/inspect/shadow/server"
)

func main() {
	if err := try(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// try starts a server of the provider and stops it again: binaries that are there but do not run are none.
func try(args []string) error {
	if len(args) != 1 || args[0] != "local" && args[0] != "npm" {
		return errors.New("usage: havepg local|npm")
	}
	o := server.Options{Want: args[0], Progress: func(message string) { fmt.Fprintln(os.Stderr, message) }}
	if text := os.Getenv("PLEAT_TEST_MAJOR"); text != "" {
		major, err := strconv.Atoi(text)
		if err != nil {
			return fmt.Errorf("read PLEAT_TEST_MAJOR: %w", err)
		}
		o.Major = major
	}
	s, err := server.Start(context.Background(), o)
	if err != nil {
		return err
	}
	fmt.Println(s.Describe())
	return s.Close()
}
