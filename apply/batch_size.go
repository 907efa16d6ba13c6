package apply

import "time"

// sizer adapts the size of batches to the time that they take.
type sizer struct {
	rows     int
	min, max int
	target   time.Duration
	cost     float64 // of a row, in nanoseconds, smoothed
}

const (
	smoothing = 0.3 // how much the newest batch counts
	growth    = 1.2 // at most, from batch to batch
	shrinkage = 0.5
)

// newSizer begins with the size that the step says, or else the option's.
func newSizer(o Backfill, said int) *sizer {
	s := &sizer{rows: o.Size, min: o.MinSize, max: o.MaxSize, target: o.Target}
	if said > 0 {
		s.rows = said
	}
	s.rows = max(min(s.rows, s.max), 1)
	s.min = min(s.min, s.rows)
	return s
}

// learn takes in what a batch of so many rows took. Within a quarter of the target the size stays; a batch that was much
// smaller than wished, the last one for example, says little about a row's cost.
func (s *sizer) learn(seen int64, took time.Duration) {
	if seen < int64(s.rows)/4 || seen == 0 {
		return
	}
	cost := float64(took) / float64(seen)
	if s.cost == 0 {
		s.cost = cost
	}
	s.cost += smoothing * (cost - s.cost)
	expected := time.Duration(s.cost * float64(s.rows))
	if off := expected - s.target; off.Abs() <= s.target/4 || s.cost <= 0 {
		return
	}
	wanted := float64(s.target) / s.cost
	wanted = min(max(wanted, shrinkage*float64(s.rows)), growth*float64(s.rows)+1)
	s.rows = min(max(int(wanted), s.min), s.max)
}

// halve is the answer to a batch that did not get through.
func (s *sizer) halve() { s.rows = max(int(shrinkage*float64(s.rows)), s.min, 1) }

// pages is how many pages hold about that many rows.
func (s *sizer) pages(perPage float64) int64 {
	return max(int64(float64(s.rows)/max(perPage, 1)), 1)
}
