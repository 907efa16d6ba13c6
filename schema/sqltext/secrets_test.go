package sqltext

import (
	"slices"
	"strings"
	"testing"
)

func TestSecrets(t *testing.T) {
	tests := []struct {
		sql, masked string
		values      []string
	}{
		{`ALTER ROLE app PASSWORD 'can''ary'`, `ALTER ROLE app PASSWORD '********'`, []string{"can'ary"}},
		{`CREATE ROLE "a;b" LOGIN ENCRYPTED  password /* x */ E'can\'ary';`, `CREATE ROLE "a;b" LOGIN ENCRYPTED  password /* x */ E'********';`, []string{"can'ary"}},
		{`ALTER ROLE app PASSWORD $x$canary$x$; SELECT 1`, `ALTER ROLE app PASSWORD $x$********$x$; SELECT 1`, []string{"canary"}},
		{`ALTER ROLE app PASSWORD NULL`, `ALTER ROLE app PASSWORD NULL`, nil},
		{`CREATE USER MAPPING FOR app SERVER s OPTIONS (user 'u', password 'canary')`, `CREATE USER MAPPING FOR app SERVER s OPTIONS (user 'u', password '********')`, []string{"canary"}},
		{`ALTER USER MAPPING FOR app SERVER s OPTIONS (SET "password" 'canary')`, `ALTER USER MAPPING FOR app SERVER s OPTIONS (SET "password" '********')`, []string{"canary"}},
		{`CREATE SUBSCRIPTION s CONNECTION 'host=h password=canary dbname=d' PUBLICATION p`, `CREATE SUBSCRIPTION s CONNECTION 'host=h password=******** dbname=d' PUBLICATION p`, []string{"canary"}},
		{`CREATE SUBSCRIPTION s CONNECTION 'host=h password = ''can ary'' dbname=d' PUBLICATION p`, `CREATE SUBSCRIPTION s CONNECTION 'host=h password = ''********'' dbname=d' PUBLICATION p`, []string{"can ary"}},
		{`CREATE SUBSCRIPTION s CONNECTION 'postgres://u:can%20ary@h/d' PUBLICATION p`, `CREATE SUBSCRIPTION s CONNECTION 'postgres://u:********@h/d' PUBLICATION p`, []string{"can%20ary"}},
		{`SELECT dblink('password=canary', 'SELECT 1')`, `SELECT dblink('password=********', 'SELECT 1')`, []string{"canary"}},
		{"DO $do$ BEGIN ALTER ROLE app PASSWORD 'canary'; END $do$", "DO $do$ BEGIN ALTER ROLE app PASSWORD '********'; END $do$", []string{"canary"}},
		{"DO $do$ BEGIN EXECUTE 'ALTER ROLE app PASSWORD ''canary'''; END $do$", "DO $do$ BEGIN EXECUTE 'ALTER ROLE app PASSWORD ''********'''; END $do$", []string{"canary"}},
		{"-- see postgres://u:canary@h/d\nSELECT 1", "-- see postgres://u:********@h/d\nSELECT 1", []string{"canary"}},
		{"SELECT 1;\nALTER ROLE a PASSWORD 'one';\nALTER ROLE b PASSWORD 'two'", "SELECT 1;\nALTER ROLE a PASSWORD '********';\nALTER ROLE b PASSWORD '********'", []string{"one", "two"}},
		{"ALTER ROLE app PASSWORD 'can'\n  'ary'; SELECT 1", "ALTER ROLE app PASSWORD '********'; SELECT 1", []string{"canary"}},
		// An unfinished literal is no reason to show it.
		{`ALTER ROLE app PASSWORD 'x'; SELECT 'postgres://u:canary@h/d`, `ALTER ROLE app PASSWORD '********'; SELECT 'postgres://u:********@h/d`, []string{"x", "canary"}},
		// None of these is a password.
		{"UPDATE users SET password = crypt($1, gen_salt('bf')) WHERE password = 'old'", "", nil},
		{"CREATE FUNCTION f() RETURNS trigger AS $$ BEGIN IF NEW.password = OLD.password THEN RETURN NEW; END IF; END $$ LANGUAGE plpgsql", "", nil},
		{"CREATE TABLE t (password text DEFAULT 'x', CHECK (password <> ''))", "", nil},
		{"COMMENT ON COLUMN t.password IS 'the password = what they typed'", "", nil},
		{"SELECT 'http://example.org/a:b'", "", nil},
		{"-- https://example.org:8080/@somebody\nSELECT 1", "", nil},
		{`ALTER ROLE app PASSWORD '********'`, "", nil},
		{`ALTER ROLE app PASSWORD ''`, "", nil},
	}
	for _, tt := range tests {
		want := tt.masked
		if want == "" {
			want = tt.sql
		}
		got := MaskSecrets(tt.sql)
		if got != want {
			t.Errorf("%s\n got %s\nwant %s", tt.sql, got, want)
		}
		var values []string
		for _, s := range Secrets(tt.sql) {
			values = append(values, s.Value)
		}
		if !slices.Equal(values, tt.values) {
			t.Errorf("%s: values %q, want %q", tt.sql, values, tt.values)
		}
		if again := MaskSecrets(got); again != got {
			t.Errorf("masked twice: %s", again)
		}
	}
	if got := Secrets("SELECT 1;\n\nALTER ROLE a PASSWORD 'one'"); len(got) != 1 || got[0].Line != 3 {
		t.Errorf("got %+v", got)
	}
}

func TestSecretValues(t *testing.T) {
	text := `CREATE ROLE reader PASSWORD 'reader'; ALTER ROLE a PASSWORD 'can''ary'; ALTER ROLE b PASSWORD 'abc'; ALTER ROLE c PASSWORD 'password';
DO $$ BEGIN EXECUTE 'ALTER ROLE d PASSWORD ''deep-canary'''; END $$`
	if got, want := SecretValues(text), []string{"can''ary", "can'ary", "deep-canary"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func FuzzMaskSecrets(f *testing.F) {
	for _, seed := range []string{"ALTER ROLE a PASSWORD 'x''y'", "SELECT dblink('password=''a b''')", "DO $a$ PASSWORD E'\\'", "password $$ $$", "x://a:b@c", "password 'a'\n'b'", "password=", "'password='''"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		masked := MaskSecrets(text)
		for _, s := range Secrets(text) {
			if s.Start < 0 || s.End > len(text) || s.Start > s.End {
				t.Fatalf("%q: %+v", text, s)
			}
		}
		if len(Secrets(text)) == 0 && masked != text {
			t.Fatalf("%q became %q without a secret", text, masked)
		}
		if strings.Count(masked, "\n") > strings.Count(text, "\n") {
			t.Fatalf("%q became %q", text, masked)
		}
	})
}
