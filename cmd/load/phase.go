package main

import (
	"context"
	"time"
)

// hold lets the clients work for a while.
func (j *journey) hold(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-time.After(j.form.hold):
	}
}

// enter ends the phase before and begins the next.
func (j *journey) enter(phase string) {
	j.finishPhase()
	j.tally.enter(phase)
	j.phaseBegan = time.Now()
	j.out.Phases = append(j.out.Phases, phaseReport{Phase: phase})
}

// quietPhase is where each code has the machine for itself.
var quietPhase = map[string]string{"old": "quiet", "new": "settled", "after": "after"}

// finishPhase closes the account of the phase that ends. The excess needs the quiet phases and is reckoned at the end.
func (j *journey) finishPhase() {
	if len(j.out.Phases) > 0 {
		last := &j.out.Phases[len(j.out.Phases)-1]
		if last.Took == 0 {
			last.Took = msOf(time.Since(j.phaseBegan))
		}
	}
	for i := range j.out.Phases {
		p := &j.out.Phases[i]
		wait := j.sampler.of(p.Phase)
		took := p.Took
		*p = phaseReport{Phase: p.Phase, Took: took, LockWait: wait.waited, Behind: wait.behind}
		j.tally.summarize(p, quietPhase)
	}
}
