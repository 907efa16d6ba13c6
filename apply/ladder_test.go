package apply

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5/pgconn"
)

func TestTheLadder(t *testing.T) {
	l := &ladder{high: 1500 * time.Millisecond, budget: time.Hour, begin: time.Now()}
	var timeouts []int64
	least, most := []time.Duration{50, 50, 50, 1000, 2000, 4000, 8000, 16000, 32000, 60000, 60000}, []time.Duration{1000, 1000, 1000, 4000, 6000, 12000, 24000, 48000, 96000, 120000, 120000}
	for i := range least {
		timeouts = append(timeouts, l.timeout().Milliseconds())
		if d, ok := l.pause(); !ok || d < least[i]*time.Millisecond || d > most[i]*time.Millisecond {
			t.Errorf("after attempt %d it stays away for %s", i+1, d)
		}
	}
	if diff := cmp.Diff([]int64{100, 200, 300, 500, 1500, 100, 200, 300, 500, 1500, 100}, timeouts); diff != "" {
		t.Error(diff)
	}
	l.most = 250 * time.Millisecond
	if got := []time.Duration{l.timeout(), l.timeout()}; got[0] != 200*time.Millisecond || got[1] != l.most {
		t.Errorf("with a limit of its own: %v", got)
	}
	l.begin = time.Now().Add(-time.Hour + 10*time.Millisecond)
	if d, ok := l.pause(); ok && d > 10*time.Millisecond {
		t.Errorf("it stays away beyond its budget: %s", d)
	}
	l.begin = time.Now().Add(-time.Hour)
	if _, ok := l.pause(); ok {
		t.Error("it goes on beyond its budget")
	}
}

func TestWhatIsTriedAgain(t *testing.T) {
	for _, c := range []struct {
		state   string
		tripped string
		again   bool
	}{{"55P03", "", true}, {"40P01", "", true}, {"57014", "", false}, {"57014", "the watcher did it", true}, {"25P04", "", false}, {"23505", "x", false}, {"", "", false}} {
		w := &watcher{last: meter{tripped: c.tripped}}
		if got := w.contended(&pgconn.PgError{Code: c.state}); got != c.again {
			t.Errorf("%s (%s): %v", c.state, c.tripped, got)
		}
	}
}

func TestTheLocksThatAStatementWants(t *testing.T) {
	for sql, expected := range map[string][]want{
		`ALTER TABLE "a""b" ADD COLUMN c int`:              {{`"a""b"`, 8}},
		`ALTER TABLE s.a VALIDATE CONSTRAINT c`:            {{"s.a", 4}},
		`ALTER TABLE a ADD FOREIGN KEY (b) REFERENCES s.b`: {{"a", 6}, {"s.b", 6}},
		`ALTER TABLE a DETACH PARTITION b CONCURRENTLY`:    {{"a", 4}},
		`ALTER TABLE a ATTACH PARTITION b DEFAULT`:         {{"a", 4}, {"b", 8}},
		`CREATE INDEX CONCURRENTLY i ON a (b)`:             {{"a", 4}},
		`CREATE INDEX i ON a (b)`:                          {{"a", 5}},
		`CREATE TABLE b PARTITION OF a DEFAULT`:            {{"a", 8}},
		`CREATE TABLE b (c int REFERENCES a)`:              {{"a", 6}},
		`DROP TABLE a, b`:                                  {{"a", 8}, {"b", 8}},
		`UPDATE a SET b = 1`:                               {{"a", 3}},
		`LOCK TABLE a IN SHARE MODE`:                       {{"a", 5}},
		`REFRESH MATERIALIZED VIEW CONCURRENTLY m`:         {{"m", 7}},
		`SELECT 1`:       nil,
		`this is no SQL`: nil,
		`CREATE TRIGGER t AFTER INSERT ON a EXECUTE FUNCTION f()`: {{"a", 6}},
		`CREATE POLICY p ON a`:      {{"a", 8}},
		`COMMENT ON TABLE a IS 'x'`: {{"a", 4}},
	} {
		if diff := cmp.Diff(expected, wanted(sql), cmp.AllowUnexported(want{})); diff != "" {
			t.Errorf("%s: %s", sql, diff)
		}
	}
	if diff := cmp.Diff([]string{"AccessExclusiveLock"}, lockMode(1).excludes()); diff != "" {
		t.Error(diff)
	}
	if got := modeWords("ShareRowExclusiveLock"); got != "SHARE ROW EXCLUSIVE" {
		t.Error(got)
	}
}
