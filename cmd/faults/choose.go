package main

import (
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
)

// harmless are the first words of tags of commands that change nothing for anybody else.
var harmless = []string{"SELECT", "SHOW", "BEGIN", "ROLLBACK", "SET", "RESET", "LOCK"}

// central reports whether a request is one at which every fault is tried: a statement of a file, which comes by the simple protocol, or
// a COMMIT. What pleat does for itself inside of a transaction is nothing to the database until then.
func (r *request) central() bool {
	if !r.Simple {
		return false
	}
	return len(r.Tags) == 0 || slices.ContainsFunc(r.Tags, func(tag string) bool {
		word, _, _ := strings.Cut(tag, " ")
		return !slices.Contains(harmless, word) || word == "SELECT"
	})
}

func (r *request) commits() bool { return slices.Contains(r.Tags, "COMMIT") }

// choice says which points are tried.
type choice struct {
	seed    uint64
	every   bool           // every request, for every fault
	share   float64        // of the points, by chance
	others  float64        // of these, of the points of faults that are no kill
	pattern *regexp.Regexp // of the names of faults
	only    string         // the id of one point
	// drawn are the faults of each scenario where a number of points was asked for: one point each. Nil takes all.
	drawn map[string][]*fault
}

// draw spreads a number of points over scenarios and faults by the seed, so that each of either has its turn before any has a second.
func (c *choice) draw(most int, scenarios []*scenario, disk bool) []*scenario {
	rng := random(c.seed, "draw")
	kinds := slices.DeleteFunc(slices.Clone(faults), func(f *fault) bool { return f.privileged && !disk || !c.pattern.MatchString(f.name) })
	all := slices.Clone(scenarios)
	rng.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	rng.Shuffle(len(kinds), func(i, j int) { kinds[i], kinds[j] = kinds[j], kinds[i] })
	c.drawn = map[string][]*fault{}
	for i := range most {
		name := all[i%len(all)].name
		c.drawn[name] = append(c.drawn[name], kinds[(i+i/len(all))%len(kinds)])
	}
	return slices.DeleteFunc(all, func(s *scenario) bool { return c.drawn[s.name] == nil })
}

// of lists the points of a scenario that are tried, and counts those that there are.
func (c *choice) of(p *prepared, disk bool) (out []point, all int) {
	rng := random(c.seed, p.name)
	for _, f := range faults {
		if f.privileged && !disk || !c.pattern.MatchString(f.name) {
			continue
		}
		list := p.points(f, rng, c.every || c.only != "")
		all += len(list)
		if c.drawn != nil {
			for _, drawn := range c.drawn[p.name] {
				if drawn == f && len(list) > 0 {
					out = append(out, list[rng.IntN(len(list))])
				}
			}
			continue
		}
		share := c.share
		if f.family != "kill" {
			share *= c.others
		}
		for _, at := range list {
			if c.only == "" && rng.Float64() < share || c.only == at.id(p.name) {
				out = append(out, at)
			}
		}
	}
	return out, all
}

// points lists where a fault can be tried, session by session. Of requests in a row that are pleat's own bookkeeping, one is taken by
// chance unless every is set: for the database they are the same place.
func (c *prepared) points(f *fault, rng *rand.Rand, every bool) []point {
	var out []point
	for _, requests := range bySession(c.requests) {
		var stretch []*request
		take := func() {
			if !every && len(stretch) > 0 {
				stretch = []*request{stretch[rng.IntN(len(stretch))]}
			}
			for _, r := range stretch {
				out = append(out, point{f, r})
			}
			stretch = nil
		}
		for _, r := range requests {
			switch {
			case r.end, f.commits && !r.commits():
			case r.central():
				take()
				out = append(out, point{f, r})
			case f.everywhere || every:
				stretch = append(stretch, r)
			}
		}
		take()
	}
	if (f.seldom || c.lies) && !every && len(out) > 0 {
		i := rng.IntN(len(out))
		return out[i : i+1]
	}
	return out
}

// bySession divides requests by the session that made them, in the order in which the sessions began.
func bySession(requests []*request) (out [][]*request) {
	place := map[string]int{}
	for _, r := range requests {
		i, known := place[r.Connection]
		if !known {
			i = len(out)
			place[r.Connection] = i
			out = append(out, nil)
		}
		out[i] = append(out[i], r)
	}
	return out
}
