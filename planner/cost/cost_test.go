package cost_test

import (
	"testing"
	"time"

	"github.com/pleatdb/pleat/planner"
	"github.com/pleatdb/pleat/planner/cost"
	"github.com/pleatdb/pleat/schema"
)

func table(name string) schema.ID {
	return schema.ID{Kind: schema.KindTable, Schema: "public", Name: name}
}

func index(table, name string) schema.ID {
	return schema.ID{Kind: schema.KindIndex, Schema: "public", Parent: table, Name: name}
}

func locks(mode planner.LockMode, ids ...schema.ID) (out []planner.Lock) {
	for _, id := range ids {
		out = append(out, planner.Lock{On: id, Mode: mode})
	}
	return out
}

var sizes = map[schema.ID]cost.Size{
	table("orders"):                {Rows: 200_000_000, Bytes: 38_000_000_000, Indexes: 6_000_000_000},
	index("orders", "orders_pkey"): {Rows: 200_000_000, Bytes: 6_000_000_000},
	table("people"):                {Rows: -1, Bytes: 1_250_000_000},
	table("small"):                 {Rows: 10, Bytes: 8192},
	{Kind: schema.KindMaterialized, Schema: "public", Name: "mv"}: {Rows: 1_000_000, Bytes: 250_000_000},
}

func TestOf(t *testing.T) {
	orders, people, small := table("orders"), table("people"), table("small")
	view := schema.ID{Kind: schema.KindMaterialized, Schema: "public", Name: "mv"}
	key := schema.ID{Kind: schema.KindForeignKey, Schema: "public", Parent: "people", Name: "fk"}
	for name, tc := range map[string]struct {
		effect planner.Effect
		rates  cost.Rates
		want   string
		bytes  int64
	}{
		"catalogs alone": {planner.Effect{Locks: locks(planner.AccessExclusive, orders)}, cost.Rates{}, "instant", 0},
		"scan": {
			planner.Effect{Locks: locks(planner.AccessExclusive, orders, index("orders", "orders_pkey")), Scans: []schema.ID{orders}},
			cost.Rates{}, "about 5 min under ACCESS EXCLUSIVE on public.orders (38 GB)", 38_000_000_000,
		},
		"scan at another rate": {
			planner.Effect{Locks: locks(planner.AccessExclusive, orders), Scans: []schema.ID{orders}},
			cost.Rates{Scan: 1000}, "about 38 s under ACCESS EXCLUSIVE on public.orders (38 GB)", 38_000_000_000,
		},
		"rewrite with an index": {
			planner.Effect{
				Locks: locks(planner.AccessExclusive, orders), Rewrites: []schema.ID{orders}, Builds: []schema.ID{index("orders", "orders_pkey")},
			},
			cost.Rates{}, "about 19 min under ACCESS EXCLUSIVE on public.orders (38 GB)", 38_000_000_000,
		},
		"new index": {
			planner.Effect{Locks: locks(planner.ShareUpdateExclusive, orders), Scans: []schema.ID{orders}, Builds: []schema.ID{index("orders", "i")}},
			cost.Rates{}, "about 8 min under SHARE UPDATE EXCLUSIVE on public.orders (38 GB)", 38_000_000_000,
		},
		"two new indexes read the table twice": {
			planner.Effect{
				Locks: locks(planner.Share, orders), Scans: []schema.ID{orders}, Builds: []schema.ID{index("orders", "i"), index("orders", "j")},
			},
			cost.Rates{Build: 1e9}, "about 10 min under SHARE on public.orders (38 GB)", 38_000_000_000,
		},
		"new index on unknown rows": {
			planner.Effect{Locks: locks(planner.Share, people), Builds: []schema.ID{index("people", "i")}},
			cost.Rates{}, "about 8 s under SHARE on public.people (1.2 GB)", 1_250_000_000,
		},
		"index of a materialized view": {
			planner.Effect{Locks: locks(planner.Share, view), Scans: []schema.ID{view}, Builds: []schema.ID{index("mv", "i")}},
			cost.Rates{}, "about 3 s under SHARE on public.mv (250 MB)", 250_000_000,
		},
		"foreign key": {
			planner.Effect{
				Locks:     append(locks(planner.ShareUpdateExclusive, people), locks(planner.RowShare, orders)...),
				Validates: []schema.ID{key}, Scans: []schema.ID{people},
			},
			cost.Rates{}, "about 31 s under SHARE UPDATE EXCLUSIVE on public.people (1.2 GB)", 1_250_000_000,
		},
		"small": {
			planner.Effect{Locks: locks(planner.Share, small), Scans: []schema.ID{small}},
			cost.Rates{}, "less than 1 s under SHARE on public.small (8.2 kB)", 8192,
		},
		"unknown": {
			planner.Effect{Locks: locks(planner.Share, table("x")), Scans: []schema.ID{table("x")}},
			cost.Rates{}, "unknown time under SHARE on public.x (size unknown)", 0,
		},
		"several": {
			planner.Effect{Locks: locks(planner.Share, orders, small, table("x")), Scans: []schema.ID{small, table("x"), orders}},
			cost.Rates{}, "more than 5 min under SHARE on public.orders (38 GB) and 2 other tables", 38_000_008_192,
		},
		"no lock": {
			planner.Effect{Scans: []schema.ID{small}}, cost.Rates{}, "less than 1 s on public.small (8.2 kB)", 8192,
		},
	} {
		c := cost.Of(tc.effect, sizes, tc.rates)
		if c.Text != tc.want || c.Bytes != tc.bytes {
			t.Errorf("%s: got %q, %d bytes, want %q, %d", name, c.Text, c.Bytes, tc.want, tc.bytes)
		}
	}
}

func TestWords(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "less than 1 s", 59 * time.Second: "about 59 s", 99 * time.Second: "about 99 s", 110 * time.Second: "about 2 min",
		90 * time.Minute: "about 90 min", 118 * time.Minute: "about 2 h", 2*time.Hour + 59*time.Second: "about 2 h",
		2*time.Hour + 19*time.Minute: "about 2 h 20 min", 2*time.Hour + 56*time.Minute: "about 3 h", 30 * time.Hour: "about 30 h",
	} {
		if got := cost.About(d); got != want {
			t.Errorf("%s: got %q, want %q", d, got, want)
		}
	}
	for n, want := range map[int64]string{0: "0 bytes", 999: "999 bytes", 8192: "8.2 kB", 999_600: "1.0 MB", 9_960_000: "10 MB", 38e9: "38 GB", 5e18: "5000 PB"} {
		if got := cost.Bytes(n); got != want {
			t.Errorf("%d: got %q, want %q", n, got, want)
		}
	}
}
