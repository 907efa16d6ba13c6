package fleet

import (
	"math"
	"path"
	"slices"
	"time"
)

// Rollout says in which order and how fast targets are worked on. The zero value has no canary, four in parallel, and stops at the first failure.
type Rollout struct {
	Canary Canary
	// Pause is how long to wait between the canaries and the rest.
	Pause time.Duration
	// CanaryWait is how long a worker waits for the canaries of another; 0 is half an hour.
	CanaryWait time.Duration
	// Parallel is how many targets at once; 0 is four. PerHost is how many of one server; 0 is a share of its max_connections.
	Parallel, PerHost int
	// MaxFailures is how many may fail before nothing more is started; nil is none, or with Continue any number.
	MaxFailures *Share
	// Continue goes on after failures.
	Continue bool
}

// Share is a number of targets, or a percentage of them.
type Share struct {
	Count   int
	Percent float64
}

// Of is the number that it is of n.
func (s Share) Of(n int) int {
	if s.Percent > 0 {
		return int(math.Ceil(s.Percent * float64(n) / 100))
	}
	return s.Count
}

// Canary says which targets come first.
type Canary struct {
	Patterns []string
	Share    Share
}

// Of are the canaries among the targets, which are sorted by name. By number they are the first by their hash, so that they are
// the same in every run and no letter of the alphabet is always first.
func (c Canary) Of(all []Target) (canaries, rest []Target) {
	is := map[string]bool{}
	if len(c.Patterns) > 0 {
		for _, t := range all {
			is[t.Name] = slices.ContainsFunc(c.Patterns, func(p string) bool {
				ok, err := path.Match(p, t.Name)
				return p == t.Name || err == nil && ok
			})
		}
	} else {
		byHash := slices.Clone(all)
		slices.SortFunc(byHash, func(a, b Target) int { return compareHash(a.Name, b.Name) })
		for _, t := range byHash[:min(c.Share.Of(len(all)), len(byHash))] {
			is[t.Name] = true
		}
	}
	for _, t := range all {
		if is[t.Name] {
			canaries = append(canaries, t)
		} else {
			rest = append(rest, t)
		}
	}
	return canaries, rest
}

// allowed is how many of n targets may fail before nothing more is started; below 0 is any number.
func (r Rollout) allowed(n int) int {
	switch {
	case r.MaxFailures != nil:
		return r.MaxFailures.Of(n)
	case r.Continue:
		return -1
	}
	return 0
}

func (r Rollout) parallel() int {
	if r.Parallel > 0 {
		return r.Parallel
	}
	return 4
}

// Patience is how long to wait for the canaries of another worker.
func (r Rollout) Patience() time.Duration {
	if r.CanaryWait > 0 {
		return r.CanaryWait
	}
	return 30 * time.Minute
}
