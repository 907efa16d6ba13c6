package evidence

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/pleatdb/pleat/history"
)

// counted is a beginning of the count, as the log keeps it.
type counted struct {
	at      time.Time
	servers map[string]countedServer
}

type countedServer struct {
	evicted int64
	calls   map[string]int64
}

// countedOf reads an event that [Count] made. What it cannot read is left out, and then no beginning is known.
func countedOf(e *history.Entry) counted {
	out := counted{at: e.At, servers: map[string]countedServer{}}
	list, _ := e.Detail["servers"].([]any)
	for _, one := range list {
		fields, _ := one.(map[string]any)
		name, _ := fields["name"].(string)
		calls, ok := fields["calls"].(map[string]any)
		if name == "" || !ok {
			continue
		}
		s := countedServer{evicted: whole(fields["evicted"]), calls: map[string]int64{}}
		for key, n := range calls {
			s.calls[key] = whole(n)
		}
		out.servers[name] = s
	}
	return out
}

func whole(v any) int64 {
	n, ok := v.(json.Number)
	if !ok {
		return 0
	}
	i, err := n.Int64()
	if err != nil {
		return 0
	}
	return i
}

// detail is what the log keeps of a server.
func (s *counts) detail() map[string]any {
	calls := map[string]any{}
	for _, e := range s.entries {
		calls[e.key] = e.calls
	}
	return map[string]any{"name": s.name, "evicted": s.evicted, "calls": calls}
}

// begin decides from when on the calls of a server are counted, takes away those before, and says what is wrong with it.
func (c *collector) begin(s *counts) {
	if c.expanded.IsZero() && !c.alone() {
		return
	}
	base := c.base(s.name)
	if s.known && s.reset.After(c.expanded) && (base == nil || s.reset.After(base.at)) {
		c.sinceReset(s)
	} else if base != nil {
		c.sinceCount(s, base.at, base.servers[s.name])
	} else if c.alone() {
		c.out.lack("it is not known since when statements%s are counted, so every one counts: begin to count with pleat ready --count, and wait for the window", s.on())
		return
	} else {
		c.out.lack("it is not known how often statements%s had been called when the expand was complete, so every one counts: begin to count with pleat ready --count, and wait for the window", s.on())
		return
	}
	if young := c.Window - c.Now.Sub(s.from); young > 0 {
		c.out.lack("calls%s are counted since %s, and the window is %s: wait until %s", s.on(), stamp(s.from), period(c.Window), stamp(s.from.Add(c.Window)))
	}
}

// base is the beginning to count from: the newest that is older than the window, else the oldest; nil for none.
func (c *collector) base(server string) *counted {
	var found *counted
	for i := range c.begins {
		one := &c.begins[i]
		if _, ok := one.servers[server]; !ok {
			continue
		}
		if found == nil || c.Now.Sub(one.at) >= c.Window {
			found = one
		}
	}
	return found
}

// sinceReset counts from a reset of everything after the expand.
func (c *collector) sinceReset(s *counts) {
	s.from = s.reset
	if s.evicted > 0 {
		c.evicted(s, s.evicted)
	}
}

// sinceCount takes away what had been called at a beginning that the log keeps.
func (c *collector) sinceCount(s *counts, at time.Time, base countedServer) {
	s.from = at
	if s.evicted != base.evicted {
		c.evicted(s, s.evicted-base.evicted)
	}
	seen := map[string]bool{}
	var kept []entry
	less := false
	for _, e := range s.entries {
		seen[e.key] = true
		before := base.calls[e.key]
		less = less || e.calls < before
		if e.calls > before {
			e.calls -= before
			kept = append(kept, e)
		} else if e.calls < before {
			kept = append(kept, e)
		}
	}
	gone := 0
	for key := range base.calls {
		if !seen[key] {
			gone++
		}
	}
	s.entries = kept
	if less || gone > 0 && s.evicted == base.evicted {
		c.out.lack("statistics%s were lost or reset since %s, for a part or after a crash, and nobody knows what they had counted: begin again with pleat ready --count, and wait for the window", s.on(), stamp(at))
	}
}

func (c *collector) evicted(s *counts, times int64) {
	c.out.lack("entries were thrown out of pg_stat_statements%s %d times since %s, because there are more statements than pg_stat_statements.max: raise it, begin again with pleat ready --count, and wait for the window",
		s.on(), times, stamp(s.from))
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 MST") }

// period writes a length of time in days where it is whole days.
func period(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d == day:
		return "1 day"
	case d > 0 && d%day == 0:
		return fmt.Sprintf("%d days", d/day)
	}
	return d.String()
}
