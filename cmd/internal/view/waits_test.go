package view

import (
	"strings"
	"testing"
	"time"

	"github.com/pleatdb/pleat/apply"
)

func TestWhoStandsInTheWayIsOneLine(t *testing.T) {
	idle := apply.Blocker{PID: 123, Application: "web", User: "a\nb", Kind: "client backend", State: "idle in transaction", Idle: 34 * time.Second, Age: time.Minute}
	prepared := apply.Blocker{Prepared: "it's", User: "app", Age: time.Hour}
	for _, c := range []struct {
		e    apply.Blocked
		want string
	}{
		{
			apply.Blocked{Step: 2, Mode: "ACCESS EXCLUSIVE", On: "public.orders", Blockers: []apply.Blocker{idle}, Behind: 5, Waited: 1500 * time.Millisecond},
			`waits for a lock (ACCESS EXCLUSIVE) on public.orders, 1.5s so far: blocked by pid 123 ("web", user a\nb, idle in transaction for 34s, transaction open for 1m0s); 5 sessions wait behind it`,
		},
		{apply.Blocked{Blockers: []apply.Blocker{prepared}}, "will have to wait for prepared transaction 'it''s' (user app, for 1h0m0s)"},
		{apply.Blocked{On: "the end of transactions", Blockers: []apply.Blocker{{PID: 7, Hidden: true}}}, "will wait for the end of transactions: pid 7 (the rest is hidden from this role)"},
		{apply.Blocked{Mode: "SHARE", On: "a", Behind: 1}, "waits for a lock (SHARE) on a, 0s so far; 1 session waits behind it"},
		{apply.Blocked{Blockers: make([]apply.Blocker, 7)}, "will have to wait for " + strings.Repeat("pid 0 (); ", 5) + "and 2 more"},
	} {
		if got := blockedText(c.e); got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
}
