package server

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// NewestMajor is the newest major version of PostgreSQL that pleat knows to fetch.
const NewestMajor = 18

// startLimit bounds one attempt to start a server, fetching excluded.
const startLimit = 2 * time.Minute

// Options say which server to start.
type Options struct {
	// Major is the major version that the server must have; 0 for the newest that is at hand.
	Major int
	// Want names the provider: "" for the automatic order (installed binaries, pleat's cache, npm, Docker), "local",
	// "npm", "docker", "docker://IMAGE", or the postgres:// URL of a server to use.
	Want string
	// Docker starts a container from an image; nil where this program is built without it. See package docker.
	Docker func(ctx context.Context, image string) (*Server, error)
	// Progress is told of what takes time, such as a download; may be nil.
	Progress func(message string)
	// Settings are further server settings, such as shared_preload_libraries. Only for binaries started here.
	Settings map[string]string
	// Dir is the directory to run in, made when absent and removed at the end; "" for one in memory or among
	// the temporary files. Only for binaries started here.
	Dir string
	// Port is a TCP port on 127.0.0.1 to listen on, with a password, beside the Unix socket; 0 for none. Only for
	// binaries started here.
	Port int
}

func (o Options) progress(format string, args ...any) {
	if o.Progress != nil {
		o.Progress(fmt.Sprintf(format, args...))
	}
}

// Start starts the server that o asks for. The context bounds the start alone, not the server's life. The server must
// be closed. When the automatic order finds nothing the error is a [*NotFoundError].
func Start(ctx context.Context, o Options) (*Server, error) {
	s, err := start(ctx, o)
	if err != nil {
		return nil, err
	}
	if o.Major != 0 && s.Major() != o.Major {
		err := fmt.Errorf("start throw-away server: %s has major version %d, not the %d that is needed",
			s.Describe(), s.Major(), o.Major)
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func start(ctx context.Context, o Options) (*Server, error) {
	switch want := o.Want; {
	case want == "":
		return automatic(ctx, o)
	case want == "local":
		return startLocal(ctx, o)
	case want == "npm":
		return startNpm(ctx, o)
	case want == "docker":
		return startDocker(ctx, o, "")
	case strings.HasPrefix(want, "docker://"):
		return startDocker(ctx, o, strings.TrimPrefix(want, "docker://"))
	case strings.HasPrefix(want, "postgres://"), strings.HasPrefix(want, "postgresql://"):
		return useGiven(ctx, o)
	default:
		// The word may be a mistyped connection string, so it is not repeated.
		return nil, errors.New("start throw-away server: the shadow must be local, npm, docker, docker://IMAGE, or a postgres:// URL")
	}
}

// automatic tries the providers from the cheapest to the dearest. A provider that has the version but fails to
// start it ends the search: that is a fault to show, not one to hide behind the next provider.
func automatic(ctx context.Context, o Options) (*Server, error) {
	failure := &NotFoundError{Major: o.Major}
	for _, provider := range []struct {
		name  string
		start func(context.Context, Options) (*Server, error)
	}{
		{"local", startLocal},
		{"npm", startNpm},
		{"docker", func(ctx context.Context, o Options) (*Server, error) { return startDocker(ctx, o, "") }},
	} {
		s, err := provider.start(ctx, o)
		var absent *AbsentError
		switch {
		case err == nil:
			return s, nil
		case !errors.As(err, &absent):
			return nil, err
		}
		failure.Majors = append(failure.Majors, absent.Majors...)
		failure.Tried = append(failure.Tried, provider.name+": "+absent.Reason)
	}
	return nil, failure
}
