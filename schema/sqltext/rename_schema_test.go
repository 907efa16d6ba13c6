package sqltext

import (
	"strings"
	"testing"
)

func TestRenameSchema(t *testing.T) {
	for _, tc := range []struct{ sql, want string }{
		{`CREATE TABLE tpl.orders (id bigint, "tpl x" text)`, `CREATE TABLE t1.orders (id bigint, "tpl x" text)`},
		{`CREATE TABLE "tpl".orders (id bigint REFERENCES TPL.users (id))`, `CREATE TABLE t1.orders (id bigint REFERENCES t1.users (id))`},
		{`CREATE SCHEMA tpl`, `CREATE SCHEMA t1`},
		{`CREATE SCHEMA IF NOT EXISTS tpl`, `CREATE SCHEMA IF NOT EXISTS t1`},
		{`DROP SCHEMA IF EXISTS tpl`, `DROP SCHEMA IF EXISTS t1`},
		{`GRANT USAGE ON SCHEMA tpl TO app`, `GRANT USAGE ON SCHEMA t1 TO app`},
		{`ALTER TABLE x.y SET SCHEMA tpl`, `ALTER TABLE x.y SET SCHEMA t1`},
		{`ALTER TABLE tpl.t ADD c text DEFAULT nextval('tpl.s'::regclass)`, `ALTER TABLE t1.t ADD c text DEFAULT nextval('t1.s'::regclass)`},
		{`SELECT setval('tpl."S x"', 1)`, `SELECT setval('t1."S x"', 1)`},
		{`CREATE VIEW tpl.v AS SELECT o.id FROM tpl.orders o -- tpl stays here
			WHERE o.mood = 'sad'::tpl.mood`, `CREATE VIEW t1.v AS SELECT o.id FROM t1.orders o -- tpl stays here
			WHERE o.mood = 'sad'::t1.mood`},
		{`COMMENT ON TABLE tpl.orders IS 'of tpl'`, `COMMENT ON TABLE t1.orders IS 'of tpl'`},
		{`CREATE FUNCTION tpl.f() RETURNS trigger LANGUAGE plpgsql SET search_path = tpl, pg_temp AS $$BEGIN INSERT INTO tpl.log SELECT NEW.id; RETURN NEW; END$$`,
			`CREATE FUNCTION t1.f() RETURNS trigger LANGUAGE plpgsql SET search_path = t1, pg_temp AS $$BEGIN INSERT INTO t1.log SELECT NEW.id; RETURN NEW; END$$`},
		{`CREATE FUNCTION tpl.f(a tpl.mood) RETURNS bigint LANGUAGE sql AS $f$SELECT count(*) FROM tpl.orders$f$`,
			`CREATE FUNCTION t1.f(a t1.mood) RETURNS bigint LANGUAGE sql AS $f$SELECT count(*) FROM t1.orders$f$`},
		{`CREATE TABLE other.t (a text)`, `CREATE TABLE other.t (a text)`},
		{`ALTER TABLE tpl.t ADD CONSTRAINT c CHECK (a OPERATOR(tpl.=) b) NOT VALID`, `ALTER TABLE t1.t ADD CONSTRAINT c CHECK (a OPERATOR(t1.=) b) NOT VALID`},
	} {
		got, err := RenameSchema(tc.sql, "tpl", "t1")
		if err != nil || got != tc.want {
			t.Errorf("%s\ngives %s\n%v", tc.sql, got, err)
		}
	}
}

func TestRenameSchemaToHostileNames(t *testing.T) {
	for _, to := range []string{`a"b`, "line\nbreak", `$1`, "ÄÖ", strings.Repeat("é", 31), `x'y`, `$$`} {
		for _, sql := range []string{
			`CREATE TABLE tpl.orders (id bigint DEFAULT nextval('tpl.s'::regclass))`,
			`CREATE FUNCTION tpl.f() RETURNS bigint LANGUAGE sql AS $body$SELECT count(*) FROM tpl.orders$body$`,
		} {
			got, err := RenameSchema(sql, "tpl", to)
			if err != nil {
				t.Errorf("%q: %v", to, err)
				continue
			}
			back, err := RenameSchema(got, to, "tpl")
			if err != nil || back != sql {
				t.Errorf("%q: there and back gives %s, %v", to, back, err)
			}
		}
	}
}

func TestRenameSchemaRefuses(t *testing.T) {
	for _, sql := range []string{
		`SELECT tpl.id FROM other.t tpl`,
		`CREATE TABLE tpl.tpl (id bigint)`,
		`CREATE TABLE tpl.t (tpl text)`,
		`INSERT INTO tpl.t VALUES ('tpl')`,
		`DO $$BEGIN EXECUTE 'DROP TABLE tpl.x'; END$$`,
		`DO $$BEGIN EXECUTE format('DROP TABLE %I.x', 'tpl'); END$$`,
		`DO $$DECLARE tpl record; BEGIN SELECT tpl.id INTO tpl FROM a.b; END$$`,
		`CREATE FUNCTION tpl.f() RETURNS int LANGUAGE plpython3u AS $$return plpy.execute("select from tpl.x")$$`,
		`CREATE FUNCTION tpl.f() RETURNS int LANGUAGE sql AS 'SELECT 1 FROM tpl.x'`,
		`SELECT E'tpl.x'::regclass`,
		`ALTER TABLE tpl.x OWNER TO tpl`,
		`SELECT U&"tpl".x`,
		`SELECT * FROM tpl.x WHERE b = 'Tpl.y'`,
		`CREATE FUNCTION tpl.f() RETURNS int LANGUAGE sql AS $t1$SELECT 1 FROM tpl.x$t1$ SET x = 'tpl'`,
	} {
		if got, err := RenameSchema(sql, "tpl", "t1"); err == nil {
			t.Errorf("%s\nbecomes %s", sql, got)
		}
	}
}

func TestHomeless(t *testing.T) {
	for _, tc := range []struct{ sql, want string }{
		{`CREATE TABLE tpl.orders (id bigint REFERENCES tpl.users)`, ""},
		{`ALTER TABLE tpl.orders ADD a text`, ""},
		{`CREATE INDEX i ON tpl.orders (a)`, ""},
		{`CREATE SCHEMA tpl`, ""},
		{`UPDATE tpl.orders SET a = s.b FROM shared.s s`, ""},
		{`COMMENT ON COLUMN tpl.orders.a IS 'x'`, ""},
		{`CREATE TRIGGER x BEFORE INSERT ON tpl.t FOR EACH ROW EXECUTE FUNCTION tpl.f()`, ""},
		{`SET LOCAL lock_timeout = '1s'`, ""},
		{`CREATE TABLE orders (id bigint)`, `"orders"`},
		{`CREATE TABLE public.orders (id bigint)`, `"public"."orders"`},
		{`INSERT INTO tpl.a SELECT id FROM users`, `relation "users"`},
		{`CREATE EXTENSION hstore`, `extension "hstore"`},
		{`DROP SCHEMA public`, `schema "public"`},
	} {
		got := strings.Join(Homeless(tc.sql, "tpl"), ", ")
		if tc.want == "" && got != "" || tc.want != "" && !strings.Contains(got, tc.want) {
			t.Errorf("%s: %s", tc.sql, got)
		}
	}
}
