-- Every field of the model at least once, as far as PostgreSQL 15 has it; features.json is what must be read of it there. What older
-- servers lack is marked as in the queries of the package.
CREATE SCHEMA app;
CREATE SCHEMA "We""ird Sch.ema";
CREATE EXTENSION btree_gist SCHEMA app;
CREATE EXTENSION citext;
COMMENT ON EXTENSION citext IS 'another comment';

-- Types.
CREATE TYPE app.mood AS ENUM ('sad', 'it''s ok', 'a "quoted", {braced}', '');
CREATE COLLATION app.german (provider = icu, locale = 'de');
CREATE DOMAIN app.posint AS integer DEFAULT 1 NOT NULL CONSTRAINT positive CHECK (VALUE > 0);
CREATE DOMAIN app.code AS character varying(10) COLLATE "C";
ALTER DOMAIN app.code ADD CONSTRAINT upper CHECK (VALUE::text = upper(VALUE::text)) NOT VALID;
CREATE TYPE app.pair AS (a app.posint, b text COLLATE "C", "C c" numeric(10, 2)[]);
CREATE TYPE app.span AS RANGE (subtype = double precision);
COMMENT ON TYPE app.mood IS 'how one feels';
COMMENT ON COLUMN app.pair.b IS 'b of pair';
COMMENT ON CONSTRAINT positive ON DOMAIN app.posint IS 'more than nothing';

-- Functions.
CREATE FUNCTION app.double(x integer) RETURNS integer LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'SELECT x * 2';
CREATE FUNCTION app.atomic(x app.pair, n integer DEFAULT (1 + 2), t text DEFAULT 'a,b)') RETURNS text
  LANGUAGE sql STABLE /*since 14*/ BEGIN ATOMIC SELECT (x).b; SELECT t || n; END /*else AS 'SELECT NULL::text'*/;
CREATE FUNCTION app.short(integer) RETURNS integer LANGUAGE sql /*since 14*/ RETURN app.double($1) + 1 /*else AS 'SELECT $1'*/;
CREATE FUNCTION app.tab(a integer, VARIADIC rest integer[] DEFAULT '{}') RETURNS TABLE (x integer, "Y y" text)
  LANGUAGE plpgsql SECURITY DEFINER LEAKPROOF PARALLEL RESTRICTED ROWS 7
  SET search_path = pg_catalog, public SET work_mem = '1MB'
  AS $$ BEGIN RETURN; END $$;
CREATE FUNCTION app.outs(INOUT a integer, OUT b text) LANGUAGE sql AS 'SELECT $1, ''x''';
CREATE FUNCTION app.outset(OUT a integer, OUT b text) RETURNS SETOF record LANGUAGE sql AS 'SELECT 1, ''x''';
CREATE FUNCTION app.setof_text() RETURNS SETOF text LANGUAGE sql AS 'SELECT ''x''';
CREATE FUNCTION app.win() RETURNS bigint LANGUAGE internal WINDOW IMMUTABLE AS 'window_row_number';
CREATE FUNCTION app.supported(text, text) RETURNS boolean LANGUAGE internal IMMUTABLE STRICT
  SUPPORT pg_catalog.textlike_support AS 'textlike';
CREATE PROCEDURE app.proc(INOUT a integer, IN b text DEFAULT NULL) LANGUAGE plpgsql AS $$ BEGIN a := 1; END $$;
CREATE FUNCTION app.touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE AGGREGATE app.total (integer) (SFUNC = int4pl, STYPE = integer);
COMMENT ON FUNCTION app.double(integer) IS 'twice';

-- Sequences and tables.
CREATE SEQUENCE app.seq AS smallint START 5 INCREMENT -2 MINVALUE -100 MAXVALUE 10 CACHE 3 CYCLE;
CREATE /*since 15*/ UNLOGGED /*else */ SEQUENCE app.unlogged_seq;
CREATE TABLE app.users (
  id bigint GENERATED ALWAYS AS IDENTITY (START 100 INCREMENT 10 MINVALUE 5 MAXVALUE 100000 CACHE 20 CYCLE) PRIMARY KEY,
  serial_id serial,
  email citext NOT NULL,
  name character varying(100) COLLATE "C" DEFAULT 'no ''name''',
  mood app.mood DEFAULT 'sad',
  moods app.mood[],
  pos app.posint,
  pair app.pair,
  price numeric(12, 3) DEFAULT 1.50,
  full_name text GENERATED ALWAYS AS ((name)::text || '!') STORED,
  doc text,
  created timestamp(3) with time zone DEFAULT now(),
  tags text[],
  CONSTRAINT users_email_key UNIQUE /*since 15*/ NULLS NOT DISTINCT /*else */ (email, name) INCLUDE (price) WITH (fillfactor = 80) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT price_positive CHECK (price > 0 AND price < 1000) NO INHERIT
);
ALTER TABLE app.users ALTER COLUMN doc SET STORAGE EXTERNAL, /*since 14*/ ALTER COLUMN doc SET COMPRESSION pglz, /*else */
  ALTER COLUMN price SET STATISTICS 200, ALTER COLUMN email SET (n_distinct = -0.5, n_distinct_inherited = 10);
ALTER TABLE app.users ADD CONSTRAINT kinds CHECK (name IN ('a', 'b') OR mood = 'it''s ok') NOT VALID;
ALTER TABLE app.users SET (fillfactor = 70, autovacuum_enabled = false, toast.autovacuum_enabled = false);
ALTER TABLE app.users CLUSTER ON users_pkey;
ALTER TABLE app.users REPLICA IDENTITY FULL;
ALTER TABLE app.users ENABLE ROW LEVEL SECURITY;
ALTER TABLE app.users FORCE ROW LEVEL SECURITY;
CREATE UNLOGGED TABLE app.orders (
  a integer NOT NULL,
  b integer NOT NULL,
  user_id bigint CONSTRAINT orders_user REFERENCES app.users ON DELETE CASCADE ON UPDATE RESTRICT DEFERRABLE,
  x integer,
  y integer,
  during tsrange,
  PRIMARY KEY (b, a),
  CONSTRAINT orders_self FOREIGN KEY (x, y) REFERENCES app.orders (b, a) MATCH FULL ON UPDATE CASCADE,
  CONSTRAINT no_overlap EXCLUDE USING gist (a WITH =, during WITH &&, (x + 1) WITH <>) WHERE (x > 0) DEFERRABLE
);
ALTER TABLE app.orders ADD CONSTRAINT orders_set FOREIGN KEY (x, y) REFERENCES app.orders ON DELETE SET NULL /*since 15*/ (y) /*else */ NOT VALID;
ALTER TABLE app.orders REPLICA IDENTITY USING INDEX orders_pkey;
CREATE TABLE app.typed OF app.pair;
CREATE TABLE app.parent (id integer, note text DEFAULT 'p', CONSTRAINT id_ok CHECK (id > 0));
CREATE TABLE app.child (extra integer DEFAULT nextval('app.seq'), note text) INHERITS (app.parent);
ALTER SEQUENCE app.unlogged_seq OWNED BY app.parent.id;

-- Partitions.
CREATE TABLE app.parted (id integer, at timestamp with time zone, name text COLLATE "C", CONSTRAINT parted_key UNIQUE (id, at))
  PARTITION BY RANGE (at, id);
CREATE TABLE app.parted_1 PARTITION OF app.parted FOR VALUES FROM ('2020-01-01 00:00:00+02', MINVALUE) TO ('2021-01-01', 10);
CREATE TABLE app.parted_default PARTITION OF app.parted DEFAULT PARTITION BY LIST (id);
CREATE TABLE app.parted_default_0 PARTITION OF app.parted_default FOR VALUES IN (1, NULL);
CREATE TABLE app.hashed (id integer, name text COLLATE "C") PARTITION BY HASH (lower(name) COLLATE "default", (id + 1), name text_pattern_ops, id);
CREATE TABLE app.hashed_0 PARTITION OF app.hashed FOR VALUES WITH (MODULUS 2, REMAINDER 0);
ALTER TABLE app.parted_1 ALTER COLUMN name SET DEFAULT 'one';
CREATE INDEX parted_name ON app.parted (name);
CREATE INDEX parted_only ON ONLY app.parted (lower(name));
ALTER TABLE app.parted ADD CONSTRAINT parted_user FOREIGN KEY (id) REFERENCES app.users (id);
CREATE TRIGGER parted_touch BEFORE INSERT ON app.parted FOR EACH ROW EXECUTE FUNCTION app.touch();
ALTER TABLE app.parted_1 DISABLE TRIGGER parted_touch;

-- Indexes.
CREATE UNIQUE INDEX users_lower ON app.users USING btree (lower((email)::text) COLLATE "C" DESC, name varchar_pattern_ops NULLS FIRST, id DESC NULLS LAST)
  INCLUDE (price, doc) WITH (fillfactor = 60, deduplicate_items = off) WHERE ((price > 1) AND (name <> 'WHERE (x)'));
ALTER INDEX app.users_lower ALTER COLUMN 1 SET STATISTICS 500;
CREATE INDEX users_gist ON app.users USING gist (to_tsvector('simple', doc) tsvector_ops (siglen = 100));
CREATE INDEX users_tags ON app.users USING gin (tags);
CREATE INDEX users_mood ON app.users USING hash (mood);
CREATE UNIQUE INDEX users_nnd ON app.users (serial_id) /*since 15*/ NULLS NOT DISTINCT /*else */;
CREATE INDEX users_expr ON app.users (((price + 1) * 2), COALESCE(name, 'x'::character varying), (price > 1 OR serial_id > 2));
CREATE INDEX users_default ON app.users (name COLLATE "default", lower((name)::text));
COMMENT ON INDEX app.users_lower IS 'an index';

-- Views.
CREATE VIEW app.active AS SELECT u.id, u.email, u.name AS "The Name", count(*) OVER () AS n FROM app.users u WHERE u.price > 1;
CREATE VIEW app.checked WITH (security_barrier = on /*since 15*/, security_invoker = true /*else */) AS SELECT id, price FROM app.users WHERE price > 2 WITH LOCAL CHECK OPTION;
ALTER VIEW app.checked ALTER COLUMN price SET DEFAULT 3;
CREATE VIEW app.on_view AS SELECT a.id FROM app.active a JOIN app.short(1) s ON s = a.id;
CREATE MATERIALIZED VIEW app.summary WITH (fillfactor = 50) AS SELECT name, max(price) AS price, max(doc) AS doc FROM app.users GROUP BY name WITH NO DATA;
ALTER MATERIALIZED VIEW app.summary ALTER COLUMN price SET STATISTICS 7, ALTER COLUMN doc SET STORAGE MAIN, ALTER COLUMN name SET (n_distinct = 3);
CREATE UNIQUE INDEX summary_name ON app.summary (name);
ALTER MATERIALIZED VIEW app.summary CLUSTER ON summary_name;
COMMENT ON COLUMN app.active.email IS 'mail';
COMMENT ON MATERIALIZED VIEW app.summary IS 'sums';

-- Triggers, rules, policies.
CREATE TRIGGER plain BEFORE INSERT OR UPDATE OF email, "name" ON app.users FOR EACH ROW
  WHEN (NEW.price > 1 AND NEW.name <> ') EXECUTE FUNCTION x(') EXECUTE FUNCTION app.touch('a', 'it''s', '', E'back\\slash', 'ü');
CREATE TRIGGER transition AFTER UPDATE ON app.users REFERENCING OLD TABLE AS was NEW TABLE AS "Is" FOR EACH STATEMENT EXECUTE FUNCTION app.touch();
CREATE TRIGGER emptied AFTER DELETE OR TRUNCATE ON app.users EXECUTE FUNCTION app.touch();
CREATE CONSTRAINT TRIGGER late AFTER DELETE ON app.users FROM app.orders DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION app.touch();
CREATE TRIGGER instead INSTEAD OF INSERT ON app.active FOR EACH ROW EXECUTE FUNCTION app.touch();
ALTER TABLE app.users DISABLE TRIGGER plain;
ALTER TABLE app.users ENABLE ALWAYS TRIGGER transition;
ALTER TABLE app.users ENABLE REPLICA TRIGGER emptied;
COMMENT ON TRIGGER plain ON app.users IS 'a trigger';
CREATE RULE notify_rule AS ON UPDATE TO app.orders DO ALSO NOTIFY changed;
CREATE RULE on_delete AS ON DELETE TO app.on_view WHERE old.id > 3 DO INSTEAD (DELETE FROM app.users WHERE id = old.id; SELECT 1);
ALTER TABLE app.orders DISABLE RULE notify_rule;
CREATE POLICY own ON app.users USING (email = CURRENT_USER::citext);
CREATE POLICY sub ON app.users AS RESTRICTIVE FOR UPDATE TO postgres, "feature reader" USING ((SELECT true)) WITH CHECK (price > 1 OR (name = 'x' AND price > 2));
CREATE POLICY ins ON app.users FOR INSERT WITH CHECK (EXISTS (SELECT 1 FROM app.orders o WHERE o.a = id));
COMMENT ON POLICY own ON app.users IS 'a policy';

-- Owners, grants, comments.
COMMENT ON SCHEMA app IS 'the app';
COMMENT ON SCHEMA public IS NULL;
COMMENT ON COLUMN app.users.email IS E'line one\nline two';
COMMENT ON CONSTRAINT users_pkey ON app.users IS 'a key';
COMMENT ON INDEX app.users_pkey IS 'an index behind a key';
ALTER TABLE app.typed OWNER TO "feature reader";
GRANT SELECT, INSERT ON app.users TO "feature reader" WITH GRANT OPTION;
GRANT SELECT (email), UPDATE (email) ON app.users TO PUBLIC;
GRANT USAGE ON SEQUENCE app.seq TO PUBLIC;
REVOKE ALL ON FUNCTION app.double(integer) FROM PUBLIC;
GRANT SELECT ON app.child TO PUBLIC;
REVOKE SELECT ON app.child FROM PUBLIC;
REVOKE ALL ON app.parent FROM postgres;
GRANT USAGE ON SCHEMA app TO "feature reader";
GRANT USAGE ON TYPE app.mood TO "feature reader";
ALTER DEFAULT PRIVILEGES IN SCHEMA app GRANT SELECT ON TABLES TO "feature reader";

-- What the model does not hold.
CREATE STATISTICS app.users_stats ON price, name FROM app.users;
CREATE TEXT SEARCH CONFIGURATION app.search (COPY = simple);
CREATE CAST (app.pair AS text) WITH INOUT;
CREATE PUBLICATION everything FOR TABLE app.users;
CREATE FOREIGN DATA WRAPPER nothing;
CREATE SERVER nowhere FOREIGN DATA WRAPPER nothing;
CREATE FOREIGN TABLE app.remote (id integer DEFAULT 1, pair app.pair) SERVER nowhere;

-- Names that try to break out.
CREATE TABLE "We""ird Sch.ema"."Ta""ble ( WHEN (x)" (
  "col.umn" integer PRIMARY KEY,
  "C""ol, ( WHEN (a)" text DEFAULT ''' WHEN (',
  "select" integer REFERENCES "We""ird Sch.ema"."Ta""ble ( WHEN (x)"
);
CREATE TRIGGER "t FOR EACH ROW WHEN (x) EXECUTE" BEFORE UPDATE OF "C""ol, ( WHEN (a)" ON "We""ird Sch.ema"."Ta""ble ( WHEN (x)"
  FOR EACH ROW WHEN (NEW."C""ol, ( WHEN (a)" <> ' WHEN (') EXECUTE FUNCTION app.touch(' WHEN (x) ');
CREATE INDEX "i USING btree (x" ON "We""ird Sch.ema"."Ta""ble ( WHEN (x)" (lower("C""ol, ( WHEN (a)"), "C""ol, ( WHEN (a)" text_pattern_ops DESC, "select");
CREATE FUNCTION "We""ird Sch.ema"."f(x"("a, b" integer DEFAULT 1, "c" text DEFAULT ', "a" integer') RETURNS "We""ird Sch.ema"."Ta""ble ( WHEN (x)"
  LANGUAGE sql AS 'SELECT NULL::"We""ird Sch.ema"."Ta""ble ( WHEN (x)"';
