package main

import (
	"os"
	"runtime/debug"
	"time"

	"github.com/pleatdb/pleat/cmd/internal/view"
)

func main() { os.Exit(start()) }

// start runs the command line of the process. A signal cancels the context; a second one ends the process within a second.
func start() int {
	// A command lives for seconds and keeps most of what it allocates; collecting less often is worth the memory.
	debug.SetGCPercent(400)
	stop := onSignals()
	a := &app{
		streams: view.NewStreams(os.Stdin, os.Stdout, os.Stderr), now: time.Now, version: buildVersion(), getenv: os.Getenv, abort: stop.abort,
	}
	return stop.code(a.main(stop.ctx, os.Args[1:]))
}
