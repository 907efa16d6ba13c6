package apply

import (
	"errors"
	"strings"
	"testing"
	"time"
)

func TestChecksAreBounded(t *testing.T) {
	w := newWorld(t)
	w.exec("CREATE TABLE a (id int); INSERT INTO a SELECT generate_series(1, 150000)")
	w.put(1, "a", "-- pleat: check too many\nSELECT id, repeat('x', 100) FROM a;\nSELECT 1")
	dry := func(o *Options) { o.DryRun = true }
	r := w.mustApply(dry)
	if len(r.Checks) != 1 || r.Checks[0].Count != mostCounted || !r.Checks[0].AtLeast || len(r.Checks[0].Rows) != shown || len(r.Checks[0].Rows[0]) > 80 {
		t.Errorf("checks %+v", r.Checks)
	}
	_, err := w.apply()
	var checks *CheckError
	if !errors.As(err, &checks) || !strings.Contains(err.Error(), "too many: at least 100000 rows, such as (1, xxx") {
		t.Errorf("got %v", err)
	}
}

func TestAChecksTimeIsUp(t *testing.T) {
	w := newWorld(t)
	w.put(1, "a", "-- pleat: check slow\nSELECT 1 WHERE pg_sleep(0.3)::text = 'x';\nSELECT 1")
	w.put(2, "b", "-- pleat: check found and slow\nSELECT 1 UNION ALL SELECT 2 WHERE pg_sleep(60)::text = 'x';\nSELECT 1")
	short := func(o *Options) { o.CheckTimeout = 100 * time.Millisecond }
	rec := &recorder{}
	r := w.mustApply(short, func(o *Options) { o.DryRun, o.Observer = true, rec })
	if len(r.Deferred) != 1 || r.Deferred[0].Message != "slow" || !r.Deferred[0].Unfinished || r.Deferred[0].Reason() == "" {
		t.Errorf("deferred %+v", r.Deferred)
	}
	if len(r.Checks) > 1 || len(seen[Checked](rec)) != 2 {
		t.Errorf("checks %+v", r.Checks)
	}
	w.remove(2, "b")
	w.mustApply(short)
	w.inOrder()
}

func TestAChecksObjectsAreStillToCome(t *testing.T) {
	w := newWorld(t)
	w.put(1, "a", "-- pleat: step 1 make\nCREATE TABLE a AS SELECT 1 AS id;\n-- pleat: step 2 use\n-- pleat: check ones\nSELECT id FROM a WHERE id = 1;\nALTER TABLE a ADD CHECK (id <> 1);\n")
	r := w.mustApply(func(o *Options) { o.DryRun = true })
	if len(r.Checks) != 0 || len(r.Deferred) != 1 || !r.Deferred[0].Later || r.Deferred[0].Step != 2 {
		t.Errorf("deferred %+v", r.Deferred)
	}
	_, err := w.apply()
	var checks *CheckError
	if !errors.As(err, &checks) || !strings.Contains(err.Error(), "ones: 1 row, such as (1)") || !strings.Contains(err.Error(), "1 of 2 steps of this file are in the database") {
		t.Errorf("got %v", err)
	}
}

func TestACheckBehindABackfillWaitsForIt(t *testing.T) {
	w := newWorld(t)
	w.exec("CREATE TABLE t (id int PRIMARY KEY, a int, b int); INSERT INTO t SELECT i, i, NULL FROM generate_series(1, 50) i; UPDATE t SET a = 0 WHERE id = 30")
	w.put(1, "a", "-- pleat: step 1 fill\n-- pleat: check rows that are filled\nSELECT id FROM t WHERE b IS NOT NULL;\n-- pleat: batch table=public.t\nUPDATE public.t SET b = 1 / a WHERE b IS NULL;\n"+
		"-- pleat: step 2 require\n-- pleat: check rows without b\nSELECT id FROM t WHERE b IS NULL;\nALTER TABLE t ALTER b SET NOT NULL;\n")
	r := w.mustApply(func(o *Options) { o.DryRun = true })
	if len(r.Checks) != 0 || len(r.Deferred) != 1 || !r.Deferred[0].Filling || r.Deferred[0].Count != 50 {
		t.Errorf("checks %+v, deferred %+v", r.Checks, r.Deferred)
	}
	if _, err := w.apply(small(10)); sqlState(err) != "22012" {
		t.Fatalf("got %v", err)
	}
	w.exec("UPDATE t SET a = 1 WHERE id = 30")
	w.mustApply(small(10))
	w.put(2, "b", "-- pleat: check rows\nSELECT id FROM t;\nSELECT 1")
	var checks *CheckError
	if _, err := w.apply(); !errors.As(err, &checks) {
		t.Errorf("got %v", err)
	}
}
