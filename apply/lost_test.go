package apply

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/pleatdb/pleat/history"
)

// lossy is a connection that sends the nth COMMIT to the server and loses the answer.
type lossy struct {
	net.Conn
	left *atomic.Int32
	lost atomic.Bool
}

func (l *lossy) Write(b []byte) (int, error) {
	if bytes.Contains(b, []byte("commit\x00")) && l.left.Add(-1) == 0 {
		l.lost.Store(true)
	}
	return l.Conn.Write(b)
}

func (l *lossy) Read(b []byte) (int, error) {
	n, err := l.Conn.Read(b)
	if l.lost.Load() {
		return 0, io.ErrUnexpectedEOF
	}
	return n, err
}

// losing makes a run lose the answer to its nth COMMIT. Once that is so, it gets another connection or not.
func (w *world) losing(n int32, again bool) func(*Options) {
	left := &atomic.Int32{}
	left.Store(n)
	return func(o *Options) {
		o.regain = time.Minute
		if !again {
			o.regain = time.Millisecond
		}
		o.Connect = func(ctx context.Context, purpose string) (*pgx.Conn, error) {
			if purpose != PurposeApply {
				return connectTo(w.url)(ctx, purpose)
			}
			if left.Load() <= 0 && !again {
				return nil, errors.New("the server cannot be reached")
			}
			config, err := pgx.ParseConfig(w.url)
			if err != nil {
				return nil, err
			}
			dial := config.DialFunc
			config.DialFunc = func(ctx context.Context, network, addr string) (net.Conn, error) {
				conn, err := dial(ctx, network, addr)
				return &lossy{Conn: conn, left: left}, err
			}
			return pgx.ConnectConfig(ctx, config)
		}
	}
}

const riddle = "CREATE TABLE a (id int);\nCREATE INDEX CONCURRENTLY a_id ON a (id);\nINSERT INTO a VALUES (1);\n-- pleat: down\nDROP TABLE a;"

// TestALostAnswerToCommitIsNoRiddle loses the answer to each COMMIT of a run in turn, and the way to the server with it; the next run
// must end where the lost one would have.
func TestALostAnswerToCommitIsNoRiddle(t *testing.T) {
	w := newWorld(t)
	w.put(1, "a", riddle)
	runs := 0
	for n := int32(1); ; n++ {
		_, err := w.apply(w.losing(n, false))
		if err == nil {
			break
		}
		runs++
		// The third is the row before CREATE INDEX: without its answer the statement is not sent, which is known.
		var step *StepError
		if errors.As(err, &step) && step.Unknown == (n == 3) {
			t.Errorf("commit %d: unknown is %v: %v", n, step.Unknown, err)
		}
		w.mustApply()
		if got := w.ask("SELECT count(*)::text FROM a"); got != "1" {
			t.Errorf("commit %d: %s rows", n, got)
		}
		w.wantStates(map[string]history.Status{"1": "applied"})
		w.inOrder()
		if got := w.ask("SELECT (snapshot IS NOT NULL)::text FROM pleat.log ORDER BY id DESC LIMIT 1"); got != "true" {
			t.Errorf("commit %d: the log ends without a snapshot", n)
		}
		if _, err := w.rollback(Selection{}); err != nil {
			t.Fatal(err)
		}
	}
	if runs < 5 {
		t.Errorf("only %d commits were lost", runs)
	}
}

// TestALostAnswerIsSettledAtOnceWhereTheServerIsThere loses only the connection: what was committed is found in the log, and the run
// goes on, except before its first row and around a statement that was not sent.
func TestALostAnswerIsSettledAtOnceWhereTheServerIsThere(t *testing.T) {
	w := newWorld(t)
	w.put(1, "a", riddle)
	var went []int32
	for n := int32(1); n <= 6; n++ {
		rec := &recorder{}
		_, err := w.apply(w.losing(n, true), func(o *Options) { o.Observer = rec })
		var step *StepError
		switch {
		case err == nil:
			went = append(went, n)
		case errors.As(err, &step) && (step.Unknown || step.Settling == ""):
			t.Errorf("commit %d: %v", n, err)
		}
		w.mustApply()
		if got := w.ask("SELECT count(*)::text FROM a"); got != "1" {
			t.Errorf("commit %d: %s rows", n, got)
		}
		if got := w.ask("SELECT count(*)::text FROM pleat.log WHERE kind = 'step_done' AND run IN (SELECT run FROM pleat.log WHERE kind = 'run_started' ORDER BY id DESC LIMIT 2)"); err == nil && got != "3" && n > 1 {
			t.Errorf("commit %d: %s steps are in the log", n, got)
		}
		w.wantStates(map[string]history.Status{"1": "applied"})
		w.inOrder()
		if _, err := w.rollback(Selection{}); err != nil {
			t.Fatal(err)
		}
	}
	if len(went) < 4 {
		t.Errorf("went on after %v", went)
	}
}

func TestARunThatCameBetweenIsNotGoneBehind(t *testing.T) {
	w := newWorld(t)
	w.put(1, "a", "CREATE TABLE a (id int);")
	w.put(2, "b", "INSERT INTO a VALUES (1);")
	lose := w.losing(2, true)
	_, err := w.apply(lose, func(o *Options) {
		connect, first := o.Connect, true
		o.Connect = func(ctx context.Context, purpose string) (*pgx.Conn, error) {
			if purpose == PurposeApply && !first {
				w.mustApply()
			}
			first = first && purpose != PurposeApply
			return connect(ctx, purpose)
		}
	})
	var step *StepError
	if !errors.As(err, &step) || !step.Unknown {
		t.Fatalf("got %v", err)
	}
	for _, part := range []string{"began meanwhile", "pleat history"} {
		if !bytes.Contains([]byte(err.Error()), []byte(part)) {
			t.Errorf("no %q in %v", part, err)
		}
	}
	if got := w.ask("SELECT count(*)::text FROM a"); got != "1" {
		t.Errorf("%s rows", got)
	}
	w.inOrder()
}
