package server

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// launch starts the binaries of in on a data directory of their own.
func launch(ctx context.Context, in Installation, o Options) (*Server, error) {
	ctx, cancel := context.WithTimeout(ctx, startLimit)
	defer cancel()
	sweep()
	room, err := newRoom(o.Dir)
	if err != nil {
		return nil, fmt.Errorf("start throw-away server: %w", err)
	}
	s, err := launchIn(ctx, room, in, o)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("start throw-away server %s (%s): %w", in.Version, in.Bin, err), room.close())
	}
	return s, nil
}

func launchIn(ctx context.Context, room *room, in Installation, o Options) (*Server, error) {
	id, err := chooseIdentity(ctx, in, room.dir)
	if err != nil {
		return nil, err
	}
	room.watch(id)
	cached, err := makeData(ctx, in, id, room)
	if err != nil {
		return nil, err
	}
	p, err := startPostmaster(ctx, in, id, room, o)
	if err != nil && cached && ctx.Err() == nil {
		// A power cut can leave a template that is complete in name only.
		if err := remakeData(ctx, in, id, room); err != nil {
			return nil, err
		}
		p, err = startPostmaster(ctx, in, id, room, o)
	}
	if err != nil {
		return nil, err
	}
	stop := func() error { return errors.Join(p.stop(in, room.data()), room.close()) }
	reach, err := openTCP(ctx, room, o)
	if err != nil {
		return nil, errors.Join(err, p.stop(in, room.data()))
	}
	s, err := open(ctx, Spec{URL: reach, Place: in.Source + ", " + in.Bin, Stop: stop, Done: p.done})
	if err != nil {
		return nil, errors.Join(err, p.stop(in, room.data()))
	}
	return s, nil
}

// startPostmaster starts the server process and waits until it takes connections.
func startPostmaster(ctx context.Context, in Installation, id identity, room *room, o Options) (*postmaster, error) {
	if err := writeSettings(room.data(), room.dir, o); err != nil {
		return nil, err
	}
	p, err := newPostmaster(in, id, room)
	if err != nil {
		return nil, err
	}
	if err := p.await(ctx, socketURL(room, o), room); err != nil {
		return nil, errors.Join(err, p.stop(in, room.data()))
	}
	return p, nil
}

// await connects until it succeeds. The server is up in some 20 ms, so it asks often.
func (p *postmaster) await(ctx context.Context, reach string, room *room) error {
	for {
		conn, err := pgx.Connect(ctx, reach)
		if err == nil {
			return conn.Close(ctx)
		}
		select {
		case <-p.done:
			return fmt.Errorf("the server ended at once: %s", lastLines(room.log()))
		case <-ctx.Done():
			return fmt.Errorf("the server does not answer: %w\n%s", err, lastLines(room.log()))
		case <-time.After(4 * time.Millisecond):
		}
	}
}

// lastLines is the end of the server's log, for an error.
func lastLines(path string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return "its log cannot be read"
	}
	const enough = 2000
	if len(text) > enough {
		text = text[len(text)-enough:]
	}
	return strings.TrimSpace(string(text))
}

// socketURL reaches the maintenance database through the Unix socket.
func socketURL(room *room, o Options) string {
	u := url.URL{Scheme: "postgres", User: url.User(superuser), Path: "/postgres"}
	u.RawQuery = url.Values{"host": {room.dir}, "port": {fmt.Sprint(socketPort(o))}}.Encode()
	return u.String()
}

// socketLimit is the longest path of a Unix socket in bytes that every system takes (104 with the closing zero on macOS
// and the BSDs, 108 on Linux).
const socketLimit = 103

func socketFits(dir string) bool {
	return len(filepath.Join(dir, ".s.PGSQL.65535")) <= socketLimit
}
