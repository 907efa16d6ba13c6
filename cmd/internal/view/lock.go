package view

import (
	"fmt"
	"time"
)

func (d *Lock) text(p *page) {
	if !d.Held {
		p.linef("Nobody holds the lock of database %q.", d.Database)
	}
	for _, h := range d.Holders {
		p.linef("Held by %s.", h.words())
		if h.Label != nil {
			p.linef("  %s", h.Label.words())
		}
		if d.Form == "session" {
			p.linef("It ends with its session. To end that: SELECT pg_terminate_backend(%d);", h.PID)
		} else if h.Label != nil {
			p.linef("It is a lease: its last heartbeat was %s ago, and it ends in %s unless another comes.", seconds(h.Label.HeartbeatSeconds), seconds(h.Label.ExpiresSeconds))
		}
	}
	for _, h := range d.Queue {
		p.linef("Waiting: %s.", h.words())
	}
	if d.Last == nil || d.Held {
		return
	}
	p.linef("Last: %s", d.Last.words())
	if d.Last.Stale {
		p.linef("Its lease is over since %s. The next run takes it over; to release it now: pleat lock release", seconds(-d.Last.ExpiresSeconds))
	}
}

func (d *LockRelease) text(p *page) {
	p.linef("Released the lease of %s", d.Released.words())
}

func (h *Holder) words() string {
	s := fmt.Sprintf("pid %d, user %s, %s", h.PID, h.User, h.Application)
	if h.Client != "" {
		s += ", from " + h.Client
	}
	if h.Since != nil {
		s += ", connected since " + h.Since.UTC().Format(time.RFC3339)
	}
	return s
}

func (l *LockLabel) words() string {
	s := fmt.Sprintf("%s by %s since %s, run %s", l.Operation, l.Who, l.Since.UTC().Format(time.RFC3339), l.Run)
	if l.Tool != "" {
		s += ", " + l.Tool
	}
	return s
}

func seconds(n float64) time.Duration {
	return time.Duration(n * float64(time.Second)).Round(time.Second)
}
