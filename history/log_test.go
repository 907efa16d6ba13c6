package history

import (
	"math"
	"testing"
	"time"
)

// TestMillisecondsReadBack: what is written is what is read, since the digest of a row is over both.
func TestMillisecondsReadBack(t *testing.T) {
	for d, want := range map[time.Duration]int64{
		-5 * time.Millisecond: 0, -1: 0, 0: 0, 1: 1, time.Millisecond: 1, time.Millisecond + 1: 2, math.MinInt64: 0,
		math.MaxInt64: 9223372036854,
	} {
		ms := milliseconds(d)
		if again := milliseconds(time.Duration(ms) * time.Millisecond); ms != want || again != ms {
			t.Errorf("%d ns: %d ms, read back %d, want %d", d, ms, again, want)
		}
	}
}
