package main

import (
	"context"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/pleatdb/pleat/cmd/internal/view"
)

func main() { os.Exit(start()) }

// start runs the command line of the process. A signal cancels the context; a second one ends the process.
func start() int {
	// A command lives for seconds and keeps most of what it allocates; collecting less often is worth the memory.
	debug.SetGCPercent(400)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)
	a := &app{
		streams: view.NewStreams(os.Stdin, os.Stdout, os.Stderr), now: time.Now, version: buildVersion(), getenv: os.Getenv,
	}
	return a.main(ctx, os.Args[1:])
}
