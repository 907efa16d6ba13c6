package sqltext_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pleatdb/pleat/schema/sqltext"
)

func TestFactsOfAlterTable(t *testing.T) {
	for _, tc := range []struct{ sql, want string }{
		{`ALTER TABLE a ADD COLUMN IF NOT EXISTS "x""y" numeric(10,2)[] DEFAULT random() NOT NULL`,
			`add column x"y: numeric(10, 2)[] name=numeric mods=[10 2] array notnull default=random() calls=[{ random}] if-not-exists`},
		{`ALTER TABLE a ADD b serial`, `add column b: serial name=serial mods=[] serial`},
		{`ALTER TABLE a ADD b int GENERATED ALWAYS AS IDENTITY`, `add column b: int name=int4 mods=[] notnull identity`},
		{`ALTER TABLE a ADD b int GENERATED ALWAYS AS (c * 2) STORED`, `add column b: int name=int4 mods=[] generated=c * 2`},
		{`ALTER TABLE a ADD b int GENERATED ALWAYS AS (c * 2) VIRTUAL`, `add column b: int name=int4 mods=[] generated=c * 2 virtual`},
		{`ALTER TABLE a ADD b int GENERATED ALWAYS AS (f(c)) NOT NULL`, `add column b: int name=int4 mods=[] notnull generated=f(c) virtual`},
		{`ALTER TABLE a ADD b int CHECK (b > 0) NOT ENFORCED`, `add column b: int name=int4 mods=[] check [b] not-enforced`},
		{`ALTER TABLE a ADD b int DEFAULT 1 REFERENCES s.p (id)`, `add column b: int name=int4 mods=[] default=1 foreign key [b] -> {s p}`},
		{`ALTER TABLE a ADD CONSTRAINT k FOREIGN KEY (b, c) REFERENCES p NOT VALID`, `add constraint k: foreign key [b c] -> { p} not-valid`},
		{`ALTER TABLE a ADD CONSTRAINT k FOREIGN KEY (b) REFERENCES p NOT ENFORCED`, `add constraint k: foreign key [b] -> { p} not-valid`},
		{`ALTER TABLE a ADD CONSTRAINT k CHECK (b IS NOT NULL AND (c > 0 AND d IS NOT NULL))`, `add constraint k: check [b c d] proves=[b d]`},
		{`ALTER TABLE a ADD CONSTRAINT k CHECK (b IS NOT NULL OR c > 0)`, `add constraint k: check [b c]`},
		{`ALTER TABLE a ADD CONSTRAINT k NOT NULL b NOT VALID`, `add constraint k: not null [b] not-valid proves=[b]`},
		{`ALTER TABLE a ADD NOT NULL b`, `add constraint : not null [b] proves=[b]`},
		{`ALTER TABLE a ADD CONSTRAINT k UNIQUE USING INDEX i`, `add constraint k: unique [] using=i`},
		{`ALTER TABLE a ALTER CONSTRAINT k ENFORCED`, `alter constraint k: foreign key [] enforced`},
		{`ALTER TABLE a ALTER b SET EXPRESSION AS (c + 1)`, `set expression b expr=c + 1`},
		{`ALTER TABLE a ALTER b SET DEFAULT now()`, `set default b expr=now()`},
		{`ALTER TABLE a ALTER b DROP DEFAULT, ALTER c SET NOT NULL`, `drop default b; set not null c`},
		{`ALTER TABLE a ALTER b TYPE timestamptz(3) USING b AT TIME ZONE 'UTC'`, `alter type b: timestamptz(3) name=timestamptz mods=[3] expr=b AT TIME ZONE 'UTC' zone`},
		{`ALTER TABLE a ALTER b TYPE varchar(9) COLLATE "C" USING b::text`, `alter type b: varchar(9) name=varchar mods=[9] collate=C expr=b::text cast b->text`},
		{`ALTER TABLE a ALTER b TYPE interval(3)`, `alter type b: interval(3) name=interval mods=[3]`},
		{`ALTER TABLE a ATTACH PARTITION s.b DEFAULT`, `attach partition  {s b} default`},
		{`ALTER TABLE a DETACH PARTITION b CONCURRENTLY`, `detach partition  { b} concurrently`},
		{`ALTER TABLE a DROP COLUMN IF EXISTS b CASCADE`, `drop column b if-exists cascade`},
		{`ALTER TABLE a SET (fillfactor = 70), SET TABLESPACE x`, `set options  text=fillfactor; set tablespace x text=x`},
		{`ALTER DOMAIN d ADD CONSTRAINT c CHECK (VALUE > 0) NOT VALID`, `add constraint c: check [value] not-valid`},
		{`ALTER DOMAIN d SET NOT NULL`, `set not null `},
	} {
		f := sqltext.Facts(tc.sql)
		var parts []string
		for _, a := range f.Actions {
			parts = append(parts, printAction(a))
		}
		if diff := cmp.Diff(tc.want, strings.Join(parts, "; ")); diff != "" || !f.Known {
			t.Errorf("%s: known %v (-want +got)\n%s", tc.sql, f.Known, diff)
		}
	}
}

func printAction(a sqltext.Action) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s", a.Do, a.Name)
	if c := a.Column; c != nil {
		b.WriteString(printType(c.Type))
		add(&b, c.NotNull, " notnull")
		add(&b, c.Type.Serial(), " serial")
		add(&b, c.Identity, " identity")
		if c.Default != nil {
			fmt.Fprintf(&b, " default=%s", c.Default.SQL)
			add(&b, len(c.Default.Calls) > 0, fmt.Sprintf(" calls=%v", c.Default.Calls))
		}
		if c.Generated != nil {
			fmt.Fprintf(&b, " generated=%s", c.Generated.SQL)
		}
		add(&b, c.Virtual, " virtual")
		for _, k := range c.Constraints {
			b.WriteString(printConstraint(k))
		}
	}
	if a.Type != nil {
		b.WriteString(printType(*a.Type))
	}
	add(&b, a.Collation != "", " collate="+a.Collation)
	if k := a.Constraint; k != nil {
		b.WriteString(":" + printConstraint(*k))
	}
	if e := a.Expr; e != nil {
		fmt.Fprintf(&b, " expr=%s", e.SQL)
		add(&b, e.AtTimeZone, " zone")
		if e.Cast != nil {
			fmt.Fprintf(&b, " cast %s->%s", e.CastOf, e.Cast.Name)
		}
	}
	add(&b, a.Other != sqltext.Name{}, fmt.Sprintf(" %v", a.Other))
	add(&b, a.Default, " default")
	add(&b, a.Text != "", " text="+a.Text)
	add(&b, a.Concurrently, " concurrently")
	add(&b, a.IfExists, " if-exists")
	add(&b, a.IfNotExists, " if-not-exists")
	add(&b, a.Cascade, " cascade")
	return b.String()
}

func printType(t sqltext.TypeFact) string {
	s := fmt.Sprintf(": %s name=%s mods=%v", t.SQL, t.Name, t.Mods)
	if t.Array {
		s += " array"
	}
	return s
}

func printConstraint(k sqltext.ConstraintFact) string {
	var b strings.Builder
	fmt.Fprintf(&b, " %s %v", k.Kind, k.Columns)
	add(&b, k.References.Name != "", fmt.Sprintf(" -> %v", k.References))
	add(&b, k.NotValid, " not-valid")
	add(&b, k.NotEnforced, " not-enforced")
	add(&b, k.Enforced, " enforced")
	add(&b, k.UsingIndex != "", " using="+k.UsingIndex)
	add(&b, len(k.Proves) > 0, fmt.Sprintf(" proves=%v", k.Proves))
	return b.String()
}

func add(b *strings.Builder, when bool, text string) {
	if when {
		b.WriteString(text)
	}
}

func TestFactsOfStatements(t *testing.T) {
	for _, tc := range []struct{ sql, want string }{
		{`CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS i ON ONLY s.t USING btree (a, lower(b)) INCLUDE (c) WHERE d > 0`,
			`create index index {s i} of {s t} concurrently if-not-exists only unique btree [a ] uses [d b]`},
		{`DROP INDEX CONCURRENTLY IF EXISTS s.i, j`, `drop index {s i} index { j} concurrently if-exists`},
		{`DROP TABLE a, s.b CASCADE`, `drop table { a} table {s b} cascade`},
		{`DROP TRIGGER g ON s.t`, `drop trigger { g} of {s t}`},
		{`DROP DATABASE x`, `drop database database { x}`},
		{`COMMENT ON COLUMN s.t.c IS 'x'`, `comment column { c} of {s t}`},
		{`ALTER TABLE t RENAME COLUMN a TO b`, `rename column { a} of { t} new b`},
		{`ALTER TABLE s.t RENAME TO u`, `rename table {s t} new u`},
		{`ALTER SCHEMA s RENAME TO u`, `rename schema { s} new u`},
		{`ALTER TABLE s.t SET SCHEMA u`, `set schema table {s t} new u`},
		{`ALTER TYPE e ADD VALUE IF NOT EXISTS 'x' AFTER 'y'`, `alter type add value enum { e} if-not-exists placed value +x`},
		{`ALTER TYPE e RENAME VALUE 'x' TO 'y'`, `alter type rename value enum { e} value x+y`},
		{`CREATE TABLE p PARTITION OF s.q DEFAULT`, `create table table { p} partition of {s q} default`},
		{`CREATE TABLE p (a int, LIKE z) PARTITION BY RANGE (a)`, `create table table { p} like [{ z}] partitioned [a]`},
		{`SET LOCAL lock_timeout = '5s'`, `set lock_timeout=5s local`},
		{`SET statement_timeout TO 500`, `set statement_timeout=500`},
		{`RESET ALL`, `set all= reset`},
		{`BEGIN ISOLATION LEVEL SERIALIZABLE`, `transaction value begin+`},
		{`LOCK TABLE a, ONLY b IN SHARE ROW EXCLUSIVE MODE`, `lock table table { a} table { b} only mode 6`},
		{`VACUUM (FULL, ANALYZE) a`, `vacuum table { a} full`},
		{`VACUUM FULL`, `vacuum full`},
		{`REINDEX (CONCURRENTLY) INDEX s.i`, `reindex index {s i} concurrently`},
		{`UPDATE s.t SET a = 1`, `rows update {s t} all`},
		{`WITH x AS (DELETE FROM a WHERE b RETURNING *) INSERT INTO c SELECT * FROM x`, `rows star insert { c} delete { a}`},
		{`INSERT INTO c VALUES (1)`, `rows insert { c} values`},
		{`CREATE TRIGGER g BEFORE UPDATE OF a OR INSERT ON s.t FOR EACH ROW WHEN (NEW.b > 0) EXECUTE FUNCTION f()`,
			`create trigger trigger { g} of {s t} update of [a] when [b] [INSERT UPDATE]`},
		{`CREATE FUNCTION f() RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 1'`, `create function function { f} value immutable+`},
		{`CREATE PUBLICATION p FOR TABLE a, s.b`, `create publication publication { p} table { a} table {s b}`},
		{`REPACK (CONCURRENTLY) a`, `unknown`},
		{`this is not SQL`, `unknown`},
	} {
		if diff := cmp.Diff(tc.want, printFact(sqltext.Facts(tc.sql))); diff != "" {
			t.Errorf("%s (-want +got)\n%s", tc.sql, diff)
		}
	}
}

func printFact(f sqltext.Fact) string {
	if !f.Known {
		return "unknown"
	}
	var b strings.Builder
	b.WriteString(string(f.Command))
	for _, o := range f.Objects {
		fmt.Fprintf(&b, " %s %v", o.Kind, o.Name)
		add(&b, o.Of != sqltext.Name{}, fmt.Sprintf(" of %v", o.Of))
	}
	if s := f.Setting; s != nil {
		fmt.Fprintf(&b, " %s=%s", s.Name, s.Value)
		add(&b, s.Local, " local")
		add(&b, s.Reset, " reset")
	}
	add(&b, f.Concurrently, " concurrently")
	add(&b, f.IfExists, " if-exists")
	add(&b, f.IfNotExists, " if-not-exists")
	add(&b, f.Only, " only")
	add(&b, f.Cascade, " cascade")
	add(&b, f.Full, " full")
	add(&b, f.Placed, " placed")
	add(&b, f.NewName != "", " new "+f.NewName)
	add(&b, f.LockMode > 0, fmt.Sprintf(" mode %d", f.LockMode))
	add(&b, f.Value+f.NewValue != "", " value "+f.Value+"+"+f.NewValue)
	if i := f.Index; i != nil {
		add(&b, i.Unique, " unique")
		fmt.Fprintf(&b, " %s %v uses %v", i.Method, i.Columns, i.Uses)
	}
	if c := f.Table; c != nil {
		add(&b, c.PartitionOf != nil, fmt.Sprintf(" partition of %v", deref(c.PartitionOf)))
		add(&b, c.Default, " default")
		add(&b, len(c.Like) > 0, fmt.Sprintf(" like %v", c.Like))
		add(&b, c.Partitioned, fmt.Sprintf(" partitioned %v", c.KeyColumns))
	}
	if g := f.Trigger; g != nil {
		fmt.Fprintf(&b, " update of %v when %v %v", g.UpdateOf, g.When, g.Events)
	}
	if q := f.Query; q != nil && f.Command == sqltext.Rows {
		add(&b, q.Star, " star")
		for _, w := range q.Writes {
			fmt.Fprintf(&b, " %s %v", w.Verb, w.Table)
			add(&b, w.All, " all")
			add(&b, w.Values, " values")
		}
	}
	return b.String()
}

func deref(n *sqltext.Name) sqltext.Name {
	if n == nil {
		return sqltext.Name{}
	}
	return *n
}

func TestFactsOfHostileText(t *testing.T) {
	for _, sql := range []string{
		"", ";", "ALTER", "ALTER TABLE a ADD CONSTRAINT", "ALTER TABLE a ADD CONSTRAINT k NOT NULL", "ALTER TABLE a ADD NOT NULL",
		"ALTER TABLE a ADD b int GENERATED ALWAYS AS (", "ALTER TABLE a ALTER CONSTRAINT", "ALTER TABLE a ALTER b SET EXPRESSION AS",
		"ALTER TABLE \"a\x00\" ADD b int", "CREATE TABLE x (a int GENERATED ALWAYS AS (1)", "ALTER TABLE a ALTER CONSTRAINT \"k",
	} {
		if f := sqltext.Facts(sql); f.Known && sql != "" && sql != ";" {
			t.Errorf("%q is understood as %s", sql, f.Command)
		}
	}
	long := strings.Repeat("n", 64)
	if got := sqltext.Facts(`CREATE TABLE "` + long + `" (a int)`).LongNames; len(got) != 1 || got[0] != long {
		t.Errorf("long names: %q", got)
	}
}
