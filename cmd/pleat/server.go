package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/pleatdb/pleat/cmd/internal/view"
	"github.com/pleatdb/pleat/inspect/shadow/docker"
	"github.com/pleatdb/pleat/inspect/shadow/server"
)

func newServerCmd(a *app) *cobra.Command {
	var o shared
	var major, port int
	c := &cobra.Command{
		Use:    "server",
		Short:  "Run a throw-away PostgreSQL server until interrupted",
		Hidden: true,
		Long: `server starts a throw-away server as plan does, prints its URL and runs until it is interrupted. Nothing of it is left. It is meant for
trying things out and for tests; the URL has a password that is good for this server alone, and is printed on purpose.

Example: pleat server --major 17 --port 5433` + exitCodes,
		Args: cobra.NoArgs,
		RunE: a.action(&o, func(ctx context.Context, v *view.View, _ []string) error { return runServer(ctx, v, o, major, port) }),
	}
	o.addFlags(c.Flags())
	c.Flags().IntVar(&major, "major", 0, "major version (default: the newest at hand)")
	c.Flags().IntVar(&port, "port", 0, "TCP port on 127.0.0.1 beside the Unix socket")
	return c
}

func runServer(ctx context.Context, v *view.View, o shared, major, port int) error {
	options := server.Options{Major: major, Port: port, Want: o.shadow, Docker: docker.Start, Progress: v.Progress}
	var showing error
	stop, cancel := context.WithCancel(ctx)
	defer cancel()
	err := server.Run(stop, options, func(s *server.Server) {
		if showing = v.Show(&view.Server{URL: s.URL(""), Description: s.Describe()}); showing != nil {
			cancel()
		}
	})
	if showing != nil {
		return showing
	}
	if ctx.Err() != nil {
		return nil
	}
	return err
}
