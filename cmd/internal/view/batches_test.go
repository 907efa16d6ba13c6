package view

import (
	"testing"
	"time"

	"github.com/pleatdb/pleat/apply"
)

func TestProgressOfBatches(t *testing.T) {
	for want, e := range map[string]apply.BatchDone{
		"25.0 % of about 4000 rows, 900 rows changed, 1200 rows a batch (380ms), about 12s left, in public.t": {Rows: 900, Seen: 1000, Estimate: 4000, Size: 1200,
			Duration: 380 * time.Millisecond, Left: 12 * time.Second, Relation: "public.t"},
		"99.9 % of about 10 rows, 1 row changed, 1 row a batch (0s), in t": {Rows: 1, Seen: 12, Estimate: 10, Size: 1, Relation: "t"},
		"7 rows changed, 100 rows a batch (1ms), in t":                     {Rows: 7, Seen: 7, Size: 100, Duration: time.Millisecond, Relation: "t"},
	} {
		if got := progress(e); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
	if got := batchesOf(1) + ", " + batchesOf(0); got != "1 batch, 0 batches" {
		t.Error(got)
	}
}
