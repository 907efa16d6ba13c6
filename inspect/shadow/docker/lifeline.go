package docker

import (
	"context"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/moby/moby/api/pkg/stdcopy"
	"github.com/moby/moby/client"
	"github.com/testcontainers/testcontainers-go"
)

// lifelineScript runs the image's own entrypoint as the container's first process, and beside it a reader of standard
// input, which ends when the connection that holds it ends: then the server is told to shut down at once, until it does.
const lifelineScript = `exec 3<&0
(cat <&3 >/dev/null; while kill -QUIT 1; do sleep 1; done) &
exec docker-entrypoint.sh "$@" 3<&- </dev/null`

// lifeline is the attached connection that keeps a container alive, and what the container printed.
type lifeline struct {
	conn client.HijackedResponse
	done chan struct{}

	mu   sync.Mutex
	said []byte
}

// attach is a hook between creation and start of a container: standard input must be held before it is read.
func (l *lifeline) attach(cli *client.Client) testcontainers.ContainerHook {
	return func(ctx context.Context, container testcontainers.Container) error {
		result, err := cli.ContainerAttach(ctx, container.GetContainerID(), client.ContainerAttachOptions{
			Stream: true, Stdin: true, Stdout: true, Stderr: true,
		})
		if err != nil {
			return fmt.Errorf("attach to container: %w", err)
		}
		l.conn = result.HijackedResponse
		l.done = make(chan struct{})
		go func() {
			defer close(l.done)
			// The stream ends with the container, or with the connection; either way the container is over.
			_, _ = stdcopy.StdCopy(l, l, l.conn.Reader)
		}()
		return nil
	}
}

// close lets the container end by itself, should it still be there.
func (l *lifeline) close() {
	if l.done != nil {
		l.conn.Close()
	}
}

// saidLimit bounds what is kept of the container's output, in bytes.
const saidLimit = 4000

// Write keeps the end of what the container prints, for an error.
func (l *lifeline) Write(text []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.said = append(l.said, text...)
	if len(l.said) > saidLimit {
		l.said = l.said[len(l.said)-saidLimit:]
	}
	return len(text), nil
}

func (l *lifeline) lastWords() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.TrimSpace(string(l.said))
}

var _ io.Writer = (*lifeline)(nil)
