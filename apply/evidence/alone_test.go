package evidence

import (
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/pleatdb/pleat/apply"
	"github.com/pleatdb/pleat/history"
	"github.com/pleatdb/pleat/history/migration"
)

// only makes the request about a file that completes no expand, as a plan writes it that takes away and adds nothing.
func only(r *Request) {
	r.Migration = &migration.Migration{Version: contractVersion, Name: "orders", Phase: migration.Contract, Generated: true, Steps: []migration.Step{{
		Number: 1, Statements: []migration.Statement{{SQL: "ALTER TABLE public.orders RENAME COLUMN amount TO _drop_20261120_amount"}},
	}}}
}

func TestWithoutAnExpandTheWindowBeginsWithTheCount(t *testing.T) {
	w := newWorld(t)
	w.expanded(contractFile)
	w.exec("SELECT amount FROM orders")
	want(t, w.judge(only), apply.EvidenceUsed, "SELECT amount FROM orders")
	// The code that did that is gone, and the window has to pass.
	w.mark()
	want(t, w.judge(only, window(day), after(time.Hour)), apply.EvidenceUsed)
	v := w.judge(only, window(day), after(25*time.Hour))
	want(t, v, apply.EvidenceSafe)
	if v.Since.IsZero() {
		t.Error("nobody knows since when calls are counted")
	}
	w.exec("SELECT amount FROM orders")
	want(t, w.judge(only, window(day), after(25*time.Hour)), apply.EvidenceUsed)
}

func TestABaselineIsNoExpand(t *testing.T) {
	w := newWorld(t)
	w.expanded(contractFile)
	err := pgx.BeginFunc(t.Context(), w.conn, func(tx pgx.Tx) error {
		_, err := history.Open(w.conn).Append(t.Context(), tx, history.Event{Kind: history.Baseline, Run: "baseline", Version: expandVersion})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	// What was counted before the baseline is a beginning all the same.
	v := w.judge(only, window(day), after(25*time.Hour))
	want(t, v, apply.EvidenceSafe)
	var at time.Time
	if err := w.conn.QueryRow(t.Context(), "SELECT at FROM pleat.log WHERE kind = 'baseline'").Scan(&at); err != nil {
		t.Fatal(err)
	}
	if !v.Since.Before(at) {
		t.Errorf("counted since %s, and the baseline is of %s", v.Since, at)
	}
}

func TestWithoutAHistoryThereIsNoExpandToMiss(t *testing.T) {
	w := newWorld(t)
	w.exec("SELECT amount FROM orders")
	v := w.judgeAlone()
	want(t, v, apply.EvidenceUsed, "SELECT amount FROM orders")
}

// judgeAlone is about such a file in a database that no migration has reached.
func (w *world) judgeAlone() *apply.Verdict {
	w.t.Helper()
	w.write(contractVersion+"_orders.contract.sql", contractFile)
	return w.judge(only)
}
