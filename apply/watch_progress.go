package apply

import (
	"time"

	"github.com/jackc/pgx/v5"
)

// building reads how far a build is. Which of the counters a phase moves is in PostgreSQL's documentation (28.4.4); those that it does not
// move stay at what they were.
const building = `SELECT p.phase::text, p.lockers_done, p.lockers_total, p.blocks_done, p.blocks_total, p.tuples_done, p.tuples_total
	FROM pg_catalog.pg_stat_progress_create_index p WHERE p.pid = $1`

// progress tells, every few seconds, how far a statement is. Of most statements the server only knows that they run.
func (g *watching) progress(l look) error {
	if !l.active || time.Since(g.began) < tellAgain || time.Since(g.progressed) < tellAgain {
		return nil
	}
	g.progressed = time.Now()
	e := Progressed{Migration: g.w.m, Step: g.w.number(), Back: g.w.undo != nil, Elapsed: time.Since(g.began), Behind: l.behind}
	err := g.ask(g.ctx, func(rows pgx.Rows) error {
		var counts [6]*int64
		if err := rows.Scan(&e.Phase, &counts[0], &counts[1], &counts[2], &counts[3], &counts[4], &counts[5]); err != nil {
			return err
		}
		for i, unit := range []string{"sessions", "blocks", "rows"} {
			if done, total := counts[2*i], counts[2*i+1]; total != nil && done != nil && *total > 0 {
				e.Done, e.Total, e.Unit = *done, *total, unit
				if *done < *total {
					break
				}
			}
		}
		return nil
	}, building, g.who.pid)
	if err != nil {
		return err
	}
	g.opts.observe(e)
	return nil
}
