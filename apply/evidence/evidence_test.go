package evidence

import (
	"context"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/pleatdb/pleat/apply"
	"github.com/pleatdb/pleat/history/migration"
	"github.com/pleatdb/pleat/schema"
)

func TestNothingUsesIt(t *testing.T) {
	w := newWorld(t)
	w.expanded(contractFile)
	w.exec("SELECT new FROM orders WHERE id = 1; INSERT INTO orders (new) VALUES ('x'); SELECT now() - interval '1 day'; SELECT extract(year FROM now())")
	w.exec("SET search_path = public")
	v := w.judge()
	want(t, v, apply.EvidenceSafe)
	if v.Since.IsZero() || len(v.Uses)+len(v.Warnings)+len(v.Missing) > 0 {
		t.Error(describe(v))
	}
}

func TestStatementsThatUseIt(t *testing.T) {
	for _, tc := range []struct{ name, sql, want string }{
		{"update", "UPDATE orders SET old = 'b' WHERE id = 1", `statements: UPDATE orders SET old = $1 WHERE id = $2 [column "old" of relation "orders" does not exist]`},
		{"insert list", "INSERT INTO public.orders (old) VALUES ('c')", `statements: INSERT INTO public.orders (old) VALUES ($1) [column "old" of relation "orders" does not exist]`},
		{"join", "SELECT 1 FROM orders a JOIN orders b ON a.old = b.old", "statements: SELECT $1 FROM orders a JOIN orders b ON a.old = b.old"},
		{"order", "SELECT id FROM orders ORDER BY old", "statements: SELECT id FROM orders ORDER BY old"},
		{"prepared", "PREPARE p (int) AS SELECT old FROM orders WHERE id = $1; EXECUTE p (1); DEALLOCATE p", "statements: PREPARE p (int) AS SELECT old FROM orders"},
		{"returning", "UPDATE orders SET amount = 2 RETURNING orders.old", "RETURNING orders.old"},
		{"cursor", "BEGIN; DECLARE c CURSOR FOR SELECT old FROM orders; FETCH c; COMMIT", "DECLARE c CURSOR FOR SELECT old FROM orders"},
		{"copy", "COPY orders (id, old) TO PROGRAM 'cat >/dev/null'", "COPY orders (id, old) TO PROGRAM"},
		{"interval", "SELECT old FROM orders WHERE now() > now() - interval '1 day'", "interval $1"},
		{"by another path", "CREATE SCHEMA app; SET search_path = app, public; SELECT old FROM orders", "SELECT old FROM orders"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := newWorld(t)
			w.expanded(contractFile)
			w.exec(tc.sql)
			v := w.judge()
			want(t, v, apply.EvidenceUsed, tc.want)
			for _, u := range v.Uses {
				if u.Source == "statements" && (u.Calls != 1 || u.Role != "postgres") {
					t.Errorf("%+v", u)
				}
			}
		})
	}
}

func TestShapesAreWarnings(t *testing.T) {
	for name, sql := range map[string]string{
		"star": "SELECT * FROM orders WHERE id = 1", "returning": "UPDATE orders SET amount = 3 WHERE id = 1 RETURNING *",
		"copy": "COPY orders TO PROGRAM 'cat >/dev/null'",
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.expanded(contractFile)
			w.exec(sql)
			want(t, w.judge(), apply.EvidenceSafe, "warning: statements: ", "old goes, _drop_20261120_old comes")
		})
	}
}

func TestCallsFromBeforeDoNotCount(t *testing.T) {
	w := newWorld(t)
	w.exec("SELECT old FROM orders")
	w.expanded(contractFile)
	want(t, w.judge(), apply.EvidenceSafe)
	w.exec("SELECT old FROM orders; SELECT old FROM orders")
	v := w.judge()
	want(t, v, apply.EvidenceUsed, "SELECT old FROM orders")
	if v.Uses[0].Calls != 2 {
		t.Errorf("%d calls, want 2", v.Uses[0].Calls)
	}
	// The old code is gone from here on.
	w.mark()
	want(t, w.judge(), apply.EvidenceSafe)
	w.exec("SELECT old FROM orders")
	want(t, w.judge(), apply.EvidenceUsed)
}

func TestDependents(t *testing.T) {
	for _, tc := range []struct{ name, before, want string }{
		{"view", "CREATE VIEW v AS SELECT id, old FROM orders", "view: public.v [it stands on column public.orders.old"},
		{"view on a view", "CREATE VIEW v AS SELECT id, old FROM orders; CREATE VIEW vv AS SELECT old FROM v", "view: public.v ["},
		{"materialized", "CREATE MATERIALIZED VIEW m AS SELECT old FROM orders", "public.m ["},
		{"policy", "CREATE POLICY p ON orders USING (old = 'a')", "policy: public.orders.p ["},
		{"trigger", "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'; CREATE TRIGGER tr AFTER UPDATE OF old ON orders FOR EACH ROW EXECUTE FUNCTION f()", "trigger: public.orders.tr ["},
		{"trigger body", "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.old := 1; RETURN NEW; END'; CREATE TRIGGER tr AFTER UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION f()", "function: public.f() [its text names column public.orders.old]"},
		{"body", "CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS 'DECLARE x text; BEGIN SELECT old INTO x FROM orders; END'", "function: public.f() [its text names column public.orders.old]"},
		{"dynamic body", "CREATE PROCEDURE f() LANGUAGE plpgsql AS $$BEGIN EXECUTE 'DELETE FROM orders WHERE old = '''''; END$$", "procedure: public.f()"},
		{"sql body", "CREATE FUNCTION f() RETURNS text LANGUAGE sql AS 'SELECT old FROM orders'", "function: public.f()"},
		{"aggregate", "CREATE AGGREGATE t (int) (sfunc = int4pl, stype = int); CREATE VIEW v AS SELECT old, t(amount) FROM orders GROUP BY old", "view: public.v ["},
		{"publication", "CREATE PUBLICATION p FOR TABLE orders", "publication: p [it sends public.orders.old"},
		{"computed", "ALTER TABLE orders ADD COLUMN g text GENERATED ALWAYS AS (upper(old)) STORED", "column: public.orders.g ["},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := newWorld(t)
			w.exec(tc.before)
			w.expanded(contractFile)
			want(t, w.judge(), apply.EvidenceUsed, tc.want)
		})
	}
	t.Run("harmless", func(t *testing.T) {
		w := newWorld(t)
		w.exec(`CREATE INDEX ON orders (old); ALTER TABLE orders ADD CHECK (old <> ''), ALTER old SET DEFAULT 'x'; COMMENT ON COLUMN orders.old IS 'c';
			CREATE VIEW v AS SELECT id FROM orders; CREATE TABLE other (old text);
			CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS 'BEGIN UPDATE other SET old = 1; END'`)
		w.expanded(contractFile)
		want(t, w.judge(), apply.EvidenceSafe)
	})
	t.Run("in the way", func(t *testing.T) {
		w := newWorld(t)
		w.exec("CREATE VIEW v AS SELECT old FROM orders")
		w.expanded(contractHead + "ALTER TABLE public.orders DROP COLUMN old;")
		want(t, w.judge(), apply.EvidenceUsed, "the file itself: ALTER TABLE public.orders DROP COLUMN old", "other objects depend on it")
	})
}

func TestBodiesAreSeenAsStatementsToo(t *testing.T) {
	w := newWorld(t)
	w.exec("CREATE FUNCTION f(v text) RETURNS void LANGUAGE plpgsql AS 'BEGIN UPDATE orders SET old = v; END'")
	w.expanded(contractFile)
	w.exec("SELECT f('z')")
	want(t, w.judge(), apply.EvidenceUsed, "function: public.f(text)", "missing: it cannot be told what this statement uses (statements", "UPDATE orders SET old = v")
}

func TestUnknownStatementsHoldOnlyWhatTheyName(t *testing.T) {
	w := newWorld(t)
	w.exec("CREATE TABLE lost (old text)")
	w.expanded(contractFile)
	w.exec("CREATE TEMP TABLE mine (x int); SELECT x FROM mine; SELECT old FROM lost; DROP TABLE lost")
	want(t, w.judge(), apply.EvidenceSafe)
	w.exec("CREATE TEMP TABLE mine (x int); SELECT x, old FROM mine, orders")
	want(t, w.judge(), apply.EvidenceInsufficient, "it cannot be told what this statement uses (statements, role postgres, 1 calls): SELECT x, old FROM mine, orders")
	w = newWorld(t)
	w.expanded(contractFile)
	w.exec("DO $$BEGIN UPDATE orders SET old = 1; END$$")
	want(t, w.judge(), apply.EvidenceUsed, "DO $$BEGIN UPDATE orders", ": UPDATE orders SET old = $1 [column")
}

func TestLegacyWrites(t *testing.T) {
	w := newWorld(t)
	w.expanded(contractFile)
	w.exec("INSERT INTO orders (new) VALUES ('new code')")
	want(t, w.judge(), apply.EvidenceSafe)
	w.exec("SET application_name = 'billing-cron'; INSERT INTO orders VALUES (DEFAULT, 'old code')")
	want(t, w.judge(), apply.EvidenceUsed, "a write of billing-cron: public.orders.old [the trigger of the expand saw it written through the old shape] (postgres)")
}

// TestTheGate lets apply ask for the evidence.
func TestTheGate(t *testing.T) {
	tellsAll(t)
	w := newWorld(t)
	w.expanded(contractFile)
	ask := func(ctx context.Context, m *migration.Migration) (*apply.Verdict, error) {
		e, err := Collect(ctx, w.request(func(r *Request) { r.Migration = m }))
		if err != nil {
			return nil, err
		}
		return e.Judge(), nil
	}
	w.exec("SELECT old FROM orders")
	if r := w.run(ask); len(r.Held) != 1 || len(r.Done) != 0 {
		t.Fatalf("%+v", r)
	}
	w.mark()
	if r := w.run(ask); len(r.Done) != 1 {
		t.Fatalf("held %+v", r.Held)
	}
}

func TestRolesHavePaths(t *testing.T) {
	w := newWorld(t)
	w.exec(`CREATE SCHEMA tenant; CREATE TABLE tenant.orders (old text); DROP ROLE IF EXISTS tenant; CREATE ROLE tenant LOGIN;
		GRANT USAGE ON SCHEMA tenant, public TO tenant; GRANT SELECT ON tenant.orders TO tenant`)
	w.expanded(contractFile)
	conn := w.connect()
	// "$user" makes it the tenant's own table, which keeps its column.
	if _, err := conn.Exec(t.Context(), `SET ROLE tenant; SELECT old FROM orders`, pgx.QueryExecModeSimpleProtocol); err != nil {
		t.Fatal(err)
	}
	want(t, w.judge(), apply.EvidenceSafe)
}

// TestWritesThatATriggerCompletes is about a column that old code leaves out, and that a trigger fills until the contract.
func TestWritesThatATriggerCompletes(t *testing.T) {
	w := newWorld(t)
	w.write(expandVersion+"_orders.expand.sql", `-- pleat: up
ALTER TABLE public.orders ADD COLUMN "code""x" text;
CREATE FUNCTION public.zzz_fill() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN
	IF NEW."code""x" IS NULL THEN NEW."code""x" := 'none'; PERFORM pleat.note_write('public.orders', 'code"x'); END IF; RETURN NEW; END$$;
CREATE TRIGGER zzz_fill BEFORE INSERT ON public.orders FOR EACH ROW EXECUTE FUNCTION public.zzz_fill();`)
	w.run(nil)
	w.write(contractVersion+"_orders.contract.sql", contractHead+"DROP TRIGGER zzz_fill ON public.orders; DROP FUNCTION public.zzz_fill();")
	want(t, w.judge(), apply.EvidenceSafe)
	w.exec("SET application_name = 'old'; INSERT INTO orders (amount) VALUES (1)")
	want(t, w.judge(), apply.EvidenceUsed, `a write of old: public.orders."code""x"`)
}

// TestNamesThatBreakThings has names that would end a quoted name, a constant, a line or a parameter.
func TestNamesThatBreakThings(t *testing.T) {
	for _, name := range []string{`a"b`, "a'b", "a\nb", "$1", "select", "Ünï", strings.Repeat("é", 31), `a\b`, "--x", "/*"} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			column := schema.Quote(name)
			w.exec("CREATE SCHEMA " + column + "; CREATE TABLE " + column + "." + column + " (id int, " + column + " text); ALTER TABLE orders ADD COLUMN " + column + " text")
			w.write(expandVersion+"_orders.expand.sql", `-- pleat: up
CREATE FUNCTION public.zzz_note() RETURNS trigger LANGUAGE plpgsql AS $f$BEGIN PERFORM pleat.note_write('public.orders', `+schema.Literal(name)+`); RETURN NEW; END$f$;
CREATE TRIGGER zzz_note BEFORE INSERT ON public.orders FOR EACH ROW EXECUTE FUNCTION public.zzz_note();`)
			w.run(nil)
			w.write(contractVersion+"_orders.contract.sql", contractHead+"DROP TRIGGER zzz_note ON public.orders; DROP FUNCTION public.zzz_note();\n"+
				"ALTER TABLE public.orders DROP COLUMN "+column+";\nDROP TABLE "+column+"."+column+";")
			want(t, w.judge(), apply.EvidenceSafe)
			w.exec("SELECT " + column + " FROM " + column + "." + column)
			want(t, w.judge(), apply.EvidenceUsed, "SELECT ")
			w.mark()
			w.exec("INSERT INTO orders (amount) VALUES (1)")
			v := w.judge()
			want(t, v, apply.EvidenceUsed, "a write")
			if got := v.Uses[0].Query; got != "public.orders."+column {
				t.Errorf("the column is called %s", got)
			}
		})
	}
}
