package backup

import (
	"fmt"
	"strings"
	"testing"

	"github.com/pleatdb/pleat/history"
	"github.com/pleatdb/pleat/schema"
)

const users = `CREATE TYPE mood AS ENUM ('sad', 'happy');
	CREATE TABLE users (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text, mood mood, born date, payload jsonb, twice int GENERATED ALWAYS AS (length(name) * 2) STORED);
	INSERT INTO users (name, mood, born, payload) SELECT 'n' || i, CASE WHEN i % 2 = 0 THEN 'sad'::mood END, '2000-01-01'::date + i, jsonb_build_object('i', i) FROM generate_series(1, 100) i;`

const allUsers = "SELECT id, name, mood, born, payload, twice FROM users ORDER BY id"

func TestRowsComeBack(t *testing.T) {
	for name, sql := range map[string]string{
		"update":            "UPDATE users SET name = 'x', mood = NULL WHERE id > 10",
		"update, multiple":  "UPDATE users SET (name, payload) = (SELECT 'a', '{}'::jsonb)",
		"delete":            "DELETE FROM users WHERE id % 3 = 0",
		"truncate":          "TRUNCATE users",
		"upsert":            "INSERT INTO users (id, name) OVERRIDING SYSTEM VALUE VALUES (5, 'x') ON CONFLICT (id) DO UPDATE SET name = 'other'",
		"a block of code":   "DO $$ BEGIN DELETE FROM users; END $$",
		"through a view":    "UPDATE shown SET name = 'v'",
		"dropped, readded":  "ALTER TABLE users DROP COLUMN born; ALTER TABLE users ADD COLUMN born date",
		"renamed, then cut": "ALTER TABLE users RENAME COLUMN born TO b; ALTER TABLE users DROP COLUMN b; ALTER TABLE users ADD COLUMN born date",
		"table renamed":     "ALTER TABLE users RENAME TO u; UPDATE u SET name = 'q'; ALTER TABLE u RENAME TO users",
		"type and back":     "ALTER TABLE users ALTER COLUMN born TYPE text USING 'x'; ALTER TABLE users ALTER COLUMN born TYPE date USING NULL",
		"type of the user":  "ALTER TABLE users ALTER COLUMN mood TYPE text; UPDATE users SET mood = NULL; DROP TYPE mood",
		"key":               "UPDATE users SET id = DEFAULT WHERE id < 5; DELETE FROM users WHERE id > 100",
	} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t, users+"CREATE VIEW shown AS SELECT id, name FROM users;")
			if name == "type of the user" || strings.Contains(name, "rename") {
				s.exec("DROP VIEW shown")
			}
			before := s.rows(allUsers)
			run := s.take(sql)
			if s.rows(allUsers) == before {
				t.Fatal("the statement changed nothing")
			}
			p := s.restore(Request{Run: run, AcceptDataLoss: true})
			equal(t, s.rows(allUsers), before)
			if len(p.Tables) != 1 || p.Tables[0].From != "copy" || p.Tables[0].Into != "" {
				t.Errorf("plan: %+v", p.Tables)
			}
		})
	}
}

func TestOnlyWhatChangesIsCopied(t *testing.T) {
	s := newSite(t, users)
	s.take("UPDATE users SET name = 'x'")
	equal(t, s.rows("SELECT key, columns, whole FROM pleat_backup.copy"), "{id}|{name}|f")
	// A column that the run itself adds holds nothing yet.
	s.take("ALTER TABLE users ADD COLUMN slug text; UPDATE users SET slug = name")
	equal(t, s.rows("SELECT count(*) FROM pleat_backup.copy"), "1")
}

func TestHostileNames(t *testing.T) {
	names := []string{`a"b`, "a\nb", "$1", "*", "t(1)", "x.y", "a;--", strings.Repeat("ü", 31) + "x", `back\slash`, "COPY x FROM stdin;", "Mixed"}
	s := newSite(t, "")
	s.needDump()
	place := func(name string) string { return schema.Qualified(name, name) }
	var change strings.Builder
	for _, name := range names {
		s.exec(fmt.Sprintf("CREATE SCHEMA %[1]s; CREATE TABLE %[2]s (%[1]s int PRIMARY KEY, v text); INSERT INTO %[2]s VALUES (1, 'one'), (2, E'a\\nb\\\\.\\n'), (3, NULL);"+
			"CREATE TABLE %[3]s (v int); INSERT INTO %[3]s VALUES (9)", schema.Quote(name), place(name), schema.Qualified(name, "other")))
		fmt.Fprintf(&change, "UPDATE %s SET v = 'gone';\n", place(name))
	}
	const before = "1|one\n2|a\nb\\.\n\n3|NULL"
	run := s.take(change.String())
	s.restore(Request{Run: run, Table: place(names[0]), AcceptDataLoss: true})
	s.restore(Request{Run: run, AcceptDataLoss: true})
	for _, name := range names {
		equal(t, s.rows("SELECT * FROM "+place(name)+" ORDER BY 1"), before)
	}
	// The archive alone leads back too, into a schema beside.
	s.exec("DROP SCHEMA pleat_backup CASCADE")
	const beside = "beside \"\n"
	p := s.restore(Request{Run: run, Into: beside})
	if len(p.Tables) != len(names) {
		t.Fatalf("plan: %+v", p.Tables)
	}
	for i, name := range names {
		if p.Tables[i].From != "archive" {
			t.Errorf("plan: %+v", p.Tables[i])
		}
		equal(t, s.rows("SELECT * FROM "+schema.Qualified(beside, name)+" ORDER BY 1"), before)
	}
}

func TestForeignKeysTakeRowsAlong(t *testing.T) {
	s := newSite(t, `CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (id int PRIMARY KEY, a int REFERENCES a ON DELETE CASCADE);
		CREATE TABLE c (id int PRIMARY KEY, b int REFERENCES b ON DELETE SET NULL, other text); CREATE TABLE d (a int REFERENCES a);
		INSERT INTO a VALUES (1), (2); INSERT INTO b VALUES (10, 1), (20, 2); INSERT INTO c VALUES (100, 10, 'x'), (200, 20, 'y')`)
	const all = "SELECT a.id, b.id, c.id, c.other FROM a JOIN b ON b.a = a.id JOIN c ON c.b = b.id ORDER BY 1"
	before := s.rows(all)
	run := s.take("DELETE FROM a WHERE id = 1")
	equal(t, s.rows("SELECT name, columns FROM pleat_backup.copy ORDER BY name"), "a|{}\nb|{a}\nc|{b}")
	s.restore(Request{Run: run, AcceptDataLoss: true})
	equal(t, s.rows(all), before)
}

func TestPartitionsAndChildren(t *testing.T) {
	s := newSite(t, `CREATE TABLE p (id int, v text, PRIMARY KEY (id)) PARTITION BY RANGE (id); CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10);
		CREATE TABLE p2 PARTITION OF p FOR VALUES FROM (10) TO (20) PARTITION BY RANGE (id); CREATE TABLE p21 PARTITION OF p2 FOR VALUES FROM (10) TO (20);
		INSERT INTO p SELECT i, i FROM generate_series(1, 15) i;
		CREATE TABLE m (id int PRIMARY KEY, v text); CREATE TABLE k (PRIMARY KEY (id)) INHERITS (m); INSERT INTO m VALUES (1, 'a'); INSERT INTO k VALUES (1, 'b')`)
	s.needDump()
	const all = "SELECT tableoid::regclass, id, v FROM p UNION ALL SELECT tableoid::regclass, id, v FROM m ORDER BY 1, 2"
	before := s.rows(all)
	run := s.take("UPDATE p SET v = NULL; UPDATE m SET v = NULL")
	s.restore(Request{Run: run})
	equal(t, s.rows(all), before)
	s.exec("DROP SCHEMA pleat_backup CASCADE")
	s.restore(Request{Run: run, Into: "beside"})
	equal(t, s.rows("SELECT count(*), sum(v::int) FROM beside.p"), "15|120")
	equal(t, s.rows("SELECT id, v FROM beside.k"), "1|b")
}

func TestRowsThatChangedSince(t *testing.T) {
	s := newSite(t, users)
	run := s.take("UPDATE users SET name = 'migrated'")
	s.log(history.Event{Kind: history.RunFinished, Run: run})
	s.exec("UPDATE users SET name = 'by the application' WHERE id = 7; INSERT INTO users (name) VALUES ('new'); DELETE FROM users WHERE id = 8")
	p, err := s.restorer().Plan(t.Context(), Request{Run: run})
	if err != nil {
		t.Fatal(err)
	}
	got := p.Tables[0]
	if got.Update != 99 || got.Changed != 1 || got.Gone != 1 || got.Later != 1 || strings.Join(got.ChangedKeys, "") != "7" {
		t.Errorf("plan: %+v", got)
	}
	_, err = s.restorer().Run(t.Context(), Request{Run: run})
	if err == nil {
		t.Fatal("rows that changed since were overwritten without being asked for")
	}
	wantText(t, err.Error(), "1 rows were changed after the run", "the key 7", "--accept-data-loss")
	equal(t, s.rows("SELECT count(*) FROM users WHERE name = 'migrated'"), "98")
}

func TestACopyThatWasChangedIsNotRestored(t *testing.T) {
	s := newSite(t, users)
	run := s.take("DELETE FROM users")
	s.exec(`UPDATE pleat_backup."` + run + `_1" SET name = 'forged' WHERE id = 3`)
	_, err := s.restorer().Run(t.Context(), Request{Run: run})
	if err == nil {
		t.Fatal("a forged copy was restored")
	}
	wantText(t, err.Error(), "must not be restored from")
}
