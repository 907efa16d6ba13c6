package docker

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/moby/moby/client"
	"github.com/pleatdb/pleat/inspect/shadow/server"
	"github.com/testcontainers/testcontainers-go"
)

// engineLimit is how long an engine may take to answer before it counts as absent.
const engineLimit = 500 * time.Millisecond

// engine finds the Docker engine by DOCKER_HOST, the current Docker context or the usual sockets, and makes sure that it
// answers.
func engine(ctx context.Context) (*client.Client, error) {
	ctx, cancel := context.WithTimeout(ctx, engineLimit)
	defer cancel()
	wrapped, err := testcontainers.NewDockerClientWithOpts(ctx)
	if err != nil {
		return nil, &server.AbsentError{Reason: fmt.Sprintf("no Docker engine: %v", err)}
	}
	if _, err := wrapped.Client.Ping(ctx, client.PingOptions{}); err != nil {
		return nil, &server.AbsentError{
			Reason: fmt.Sprintf("no Docker engine answers at %s: %v", wrapped.Client.DaemonHost(), err),
		}
	}
	return wrapped.Client, nil
}

// withoutReaper turns testcontainers' reaper off where nobody decided about it. The library reads its configuration from the
// environment alone, once.
func withoutReaper() error {
	const name = "TESTCONTAINERS_RYUK_DISABLED"
	if _, decided := os.LookupEnv(name); decided {
		return nil
	}
	return os.Setenv(name, "true")
}
