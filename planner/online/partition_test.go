package online_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pleatdb/pleat/planner"
	"github.com/pleatdb/pleat/planner/online"
	"github.com/pleatdb/pleat/schema"
)

// measurement is a table of two columns, divided by the first.
func measurement(name string) *schema.Table {
	return &schema.Table{Schema: "public", Name: name, Columns: []schema.Column{{Name: "id", Type: "bigint", NotNull: true}, {Name: "v", Type: "text"}}}
}

// divided is a partitioned table with the named tables beside it; those with bounds are its partitions.
func divided(bounds map[string]string) *schema.Catalog {
	c := schema.New()
	c.Add(&schema.Namespace{Name: "public"})
	parent := measurement("m")
	parent.Partition = &schema.PartitionKey{Strategy: "RANGE", Elements: []schema.PartitionElement{{Column: "id"}}}
	c.Add(parent)
	for name, bound := range bounds {
		t := measurement(name)
		if bound != "" {
			t.PartitionOf = &schema.PartitionOf{Parent: schema.Name{Schema: "public", Name: "m"}, Bound: bound}
			for i := range t.Columns {
				t.Columns[i].Inherited = true
			}
		}
		c.Add(t)
		if bound != "" {
			c.Depend(t.ID(), parent.ID())
		}
	}
	return c
}

const (
	low  = "FOR VALUES FROM (0) TO (10)"
	cond = "((id IS NOT NULL) AND (id >= 0) AND (id < 10))"
)

func table(name string) schema.ID {
	return schema.ID{Kind: schema.KindTable, Schema: "public", Name: name}
}

// told plans and lists the statements: up, and below a line of their own down, from the last step to the first.
func told(t *testing.T, from, to *schema.Catalog, major int) string {
	t.Helper()
	plan, err := online.New(from, to, online.Options{
		Options: planner.Options{Major: major}, Today: "20260101", Bounds: map[schema.ID]string{table("p"): cond},
	})
	if err != nil {
		t.Fatal(err)
	}
	var up, down []string
	for _, s := range plan.Steps {
		word := s.Phase.String()
		if s.Mode == planner.Outside {
			word += " alone"
		}
		for _, one := range s.Up {
			up = append(up, word+": "+one.SQL)
		}
		var back []string
		for _, one := range s.Down {
			back = append(back, "down: "+one.SQL)
		}
		down = append(back, down...)
	}
	return strings.Join(append(up, down...), "\n")
}

func mustBe(t *testing.T, got string, want ...string) {
	t.Helper()
	if diff := cmp.Diff(strings.Join(want, "\n"), got); diff != "" {
		t.Errorf("the way differs (-want +got):\n%s", diff)
	}
}

const (
	bind    = "ALTER TABLE public.p ADD CONSTRAINT p__pleat_bound CHECK (" + cond + ") NOT VALID"
	confirm = "ALTER TABLE public.p VALIDATE CONSTRAINT p__pleat_bound"
	loose   = "ALTER TABLE public.p DROP CONSTRAINT IF EXISTS p__pleat_bound"
	attach  = "ALTER TABLE public.m ATTACH PARTITION public.p " + low
	detach  = "ALTER TABLE public.m DETACH PARTITION public.p"
)

func TestATableBecomesAPartitionWithoutBeingRead(t *testing.T) {
	mustBe(t, told(t, divided(map[string]string{"p": ""}), divided(map[string]string{"p": low}), 15),
		"expand: "+bind, "expand: "+confirm, "expand: "+attach, "expand: "+loose,
		"down: "+bind, "down: "+confirm, "down: "+detach+" CONCURRENTLY", "down: "+loose)
}

func TestTheDefaultPartitionIsNotReadUnderLock(t *testing.T) {
	from, to := divided(map[string]string{"rest": "DEFAULT"}), divided(map[string]string{"rest": "DEFAULT", "p": low})
	mustBe(t, told(t, from, to, 15),
		"expand: CREATE TABLE public.p (\n    id bigint NOT NULL,\n    v text\n)",
		"expand: ALTER TABLE public.rest ADD CONSTRAINT rest_p__pleat_bound CHECK (NOT ("+cond+")) NOT VALID",
		"expand: ALTER TABLE public.rest VALIDATE CONSTRAINT rest_p__pleat_bound",
		"expand: "+attach,
		"expand: ALTER TABLE public.rest DROP CONSTRAINT IF EXISTS rest_p__pleat_bound",
		"down: "+detach,
		"down: ALTER TABLE public.rest DROP CONSTRAINT IF EXISTS rest_p__pleat_bound",
		"down: DROP TABLE public.p")
}

func TestAPartitionComesWithoutStoppingReadersOfTheParent(t *testing.T) {
	mustBe(t, told(t, divided(nil), divided(map[string]string{"p": low}), 15),
		"expand: CREATE TABLE public.p (\n    id bigint NOT NULL,\n    v text\n)", "expand: "+attach, "down: DROP TABLE public.p")
}

func TestAPartitionLeavesInTheContract(t *testing.T) {
	from, to := divided(map[string]string{"p": low}), divided(map[string]string{"p": ""})
	mustBe(t, told(t, from, to, 14),
		"contract: "+bind, "contract: "+confirm, "contract alone: "+detach+" CONCURRENTLY", "contract: "+loose,
		"down: "+bind, "down: "+confirm, "down: "+attach, "down: "+loose)
	mustBe(t, told(t, from, to, 13), "contract: "+detach, "down: "+attach)
}

func TestADefaultPartitionForbidsDetachingConcurrently(t *testing.T) {
	from, to := divided(map[string]string{"p": low, "rest": "DEFAULT"}), divided(map[string]string{"p": "", "rest": "DEFAULT"})
	mustBe(t, told(t, from, to, 18), "contract: "+detach, "down: "+attach)
}

func TestADroppedPartitionWaitsInTheTrash(t *testing.T) {
	got := told(t, divided(map[string]string{"p": low}), divided(nil), 15)
	for _, want := range []string{"contract alone: " + detach + " CONCURRENTLY\n", "contract: ALTER TABLE public.p SET SCHEMA pleat_trash_20260101\n"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing in:\n%s", want, got)
		}
	}
	if strings.Contains(got, "contract: DROP TABLE") || strings.Contains(got, "expand: ") {
		t.Errorf("the partition goes too early or for good:\n%s", got)
	}
}

func TestAKeyIsBuiltPartitionByPartition(t *testing.T) {
	from, to := divided(map[string]string{"p": low}), divided(map[string]string{"p": low})
	key := &schema.PrimaryKey{Schema: "public", Table: "m", Name: "m_pkey", Columns: []string{"id"}}
	part := &schema.PrimaryKey{Schema: "public", Table: "p", Name: "p_pkey", Columns: []string{"id"}, Index: schema.IndexOptions{AttachedTo: "m_pkey"}}
	to.Add(key)
	to.Add(part)
	to.Depend(part.ID(), key.ID())
	drop := "down: ALTER TABLE public.m DROP CONSTRAINT IF EXISTS m_pkey"
	mustBe(t, told(t, from, to, 15),
		"expand: ALTER TABLE ONLY public.m ADD CONSTRAINT m_pkey PRIMARY KEY (id)",
		"expand alone: CREATE UNIQUE INDEX CONCURRENTLY p_pkey ON public.p (id)",
		"expand: ALTER TABLE public.p ADD CONSTRAINT p_pkey PRIMARY KEY USING INDEX p_pkey",
		"expand: ALTER INDEX public.m_pkey ATTACH PARTITION public.p_pkey",
		drop, "down: ALTER TABLE public.p DROP CONSTRAINT IF EXISTS p_pkey", "down: DROP INDEX CONCURRENTLY IF EXISTS public.p_pkey", drop)
}

func TestForeignKeysOfTheParentComeFirst(t *testing.T) {
	from, to := divided(map[string]string{"p": ""}), divided(map[string]string{"p": low})
	for _, c := range []*schema.Catalog{from, to} {
		c.Add(&schema.Table{Schema: "public", Name: "r", Columns: []schema.Column{{Name: "id", Type: "bigint", NotNull: true}}})
		c.Add(&schema.PrimaryKey{Schema: "public", Table: "r", Name: "r_pkey", Columns: []string{"id"}})
		c.Add(&schema.ForeignKey{Schema: "public", Table: "m", Name: "m_fk", Columns: []string{"id"},
			RefTable: schema.Name{Schema: "public", Name: "r"}, RefColumns: []string{"id"}})
	}
	got := told(t, from, to, 15)
	add := strings.Index(got, "expand: ALTER TABLE public.p ADD CONSTRAINT m_fk FOREIGN KEY (id) REFERENCES public.r (id) NOT VALID\n")
	validate := strings.Index(got, "expand: ALTER TABLE public.p VALIDATE CONSTRAINT m_fk\n")
	if at := strings.Index(got, attach); add < 0 || validate < add || at < validate {
		t.Errorf("the foreign key is not there and valid before the table is attached:\n%s", got)
	}
	if strings.Contains(got, "DROP CONSTRAINT m_fk\nexpand") {
		t.Errorf("the foreign key goes where the parent's takes it in:\n%s", got)
	}
}

func TestAPlaceThatIsTakenIsGivenInTheContract(t *testing.T) {
	from, to := divided(map[string]string{"old": "FOR VALUES FROM (0) TO (20)"}), divided(map[string]string{"p": low})
	plan, err := online.New(from, to, online.Options{
		Options: planner.Options{Major: 15}, Today: "20260101", Late: map[schema.ID]bool{table("p"): true},
		Bounds: map[schema.ID]string{table("p"): cond, table("old"): "(id >= 0)"},
	})
	if err != nil {
		t.Fatal(err)
	}
	var order []string
	for _, s := range plan.Steps {
		for _, one := range s.Up {
			for _, part := range []string{"CREATE TABLE public.p", "DETACH PARTITION public.old", confirm, attach} {
				if strings.Contains(one.SQL, part) {
					order = append(order, s.Phase.String()+": "+part)
				}
			}
		}
	}
	mustBe(t, strings.Join(order, "\n"), "expand: CREATE TABLE public.p", "contract: DETACH PARTITION public.old", "contract: "+confirm, "contract: "+attach)
}
