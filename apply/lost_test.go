package apply

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"sync/atomic"
	"testing"

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

// TestALostAnswerToCommitIsNoRiddle loses the answer to each COMMIT of a run in turn; the next run must end where the
// lost one would have.
func TestALostAnswerToCommitIsNoRiddle(t *testing.T) {
	w := newWorld(t)
	w.put(1, "a", "CREATE TABLE a (id int);\nCREATE INDEX CONCURRENTLY a_id ON a (id);\nINSERT INTO a VALUES (1);\n-- pleat: down\nDROP TABLE a;")
	runs := 0
	for n := int32(1); ; n++ {
		left := &atomic.Int32{}
		left.Store(n)
		_, err := w.apply(func(o *Options) {
			o.Connect = func(ctx context.Context, purpose string) (*pgx.Conn, error) {
				if purpose != PurposeApply {
					return connectTo(w.url)(ctx, purpose)
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
		})
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
		if _, err := w.rollback(Selection{}); err != nil {
			t.Fatal(err)
		}
	}
	if runs < 5 {
		t.Errorf("only %d commits were lost", runs)
	}
}
