package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/pleatdb/pleat/cmd/internal/credential/vaulttest"
	"github.com/pleatdb/pleat/cmd/internal/view"
)

// way is how a password reaches pleat.
type way struct {
	// give prepares the stage for a role and its password, and returns the flags of every command.
	give func(s *stage, role, password string) []string
	// others are secrets beside the password.
	others []string
}

func inProject(s *stage, text string) []string {
	s.write("project/pleat.hcl", "env \"e\" {\n  contract = \"immediate\"\n"+text+"\n}\n")
	return []string{"--env", "e"}
}

// ways are all that there are.
func ways() map[string]way {
	return map[string]way{
		"flag URL": {give: func(s *stage, role, password string) []string {
			return []string{"--url", s.address(url.UserPassword(role, password), "")}
		}},
		"URL query": {give: func(s *stage, role, password string) []string {
			s.env = append(s.env, "PLEAT_URL="+s.address(nil, url.Values{"user": {role}, "password": {password}}.Encode()))
			return nil
		}},
		"key=value": {give: func(s *stage, role, password string) []string {
			s.env = append(s.env, fmt.Sprintf("DATABASE_URL=host=127.0.0.1 port=%d dbname=%s user=%s password='%s'", s.server.port, s.database, role,
				strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(password)))
			return nil
		}},
		"PGPASSWORD": {give: func(s *stage, role, password string) []string {
			s.env = append(s.env, "PGPASSWORD="+password)
			return inProject(s, fmt.Sprintf("url = %q", s.address(url.User(role), "")))
		}},
		"password file": {give: func(s *stage, role, password string) []string {
			s.env = append(s.env, "PLEAT_URL="+s.address(url.User(role), ""), "PGPASSFILE="+
				s.write("in/pass", "127.0.0.1:*:*:"+role+":"+strings.NewReplacer(`\`, `\\`, `:`, `\:`).Replace(password)+"\n"))
			return nil
		}},
		"service file": {give: func(s *stage, role, password string) []string {
			s.env = append(s.env, "PGSERVICE=app", "PGSERVICEFILE="+s.write("in/service",
				fmt.Sprintf("[app]\nhost=127.0.0.1\nport=%d\ndbname=%s\nuser=%s\npassword=%s\n", s.server.port, s.database, role, password)))
			return nil
		}},
		"env()": {give: func(s *stage, role, password string) []string {
			s.env = append(s.env, "SECRET="+password)
			return inProject(s, fmt.Sprintf(`url = urluserinfo(%q, %q, env("SECRET"))`, s.address(nil, ""), role))
		}},
		"file()": {give: func(s *stage, role, password string) []string {
			path := s.write("in/url", s.address(url.UserPassword(role, password), ""))
			return inProject(s, fmt.Sprintf(`url = file(%q)`, path))
		}},
		"sensitive variable": {give: func(s *stage, role, password string) []string {
			s.env = append(s.env, "PLEAT_VAR_word="+password)
			flags := inProject(s, fmt.Sprintf(`url = urluserinfo(%q, %q, var.word)`, s.address(nil, ""), role))
			text, err := os.ReadFile(s.project + "/pleat.hcl")
			if err != nil {
				s.t.Fatal(err)
			}
			s.write("project/pleat.hcl", "variable \"word\" {\n  type = string\n  sensitive = true\n}\n"+string(text))
			return flags
		}},
		"direct_url": {give: func(s *stage, role, password string) []string {
			s.env = append(s.env, "DIRECT="+s.address(url.UserPassword(role, password), ""))
			return inProject(s, fmt.Sprintf("url = %q\ndirect_url = env(\"DIRECT\")", s.address(url.User("nobody"), "")))
		}},
		"credentials file": {give: func(s *stage, role, password string) []string {
			path := s.write("in/password", password+"\n")
			return inProject(s, fmt.Sprintf("url = %q\ncredentials {\n  password_file = %q\n}", s.address(url.User(role), ""), path))
		}},
		"credentials command": {others: []string{"noiseStderrCanary"}, give: func(s *stage, role, password string) []string {
			answer := s.write("in/login.json", fmt.Sprintf(`{"username":%q,"password":%q,"expires_at":%q}`, role, password, time.Now().Add(time.Hour).UTC().Format(time.RFC3339)))
			script := s.write("in/login.sh", "echo token=noiseStderrCanary >&2\ncat "+answer+"\n")
			return inProject(s, fmt.Sprintf("allow_exec = true\nurl = %q\ncredentials {\n  command = [\"sh\", %q]\n}", s.address(url.User(role), ""), script))
		}},
	}
}

// TestCanaries gives a password in every way there is, and looks for it in all that pleat prints, writes and records, whether a
// command works or fails.
func TestCanaries(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a server and many processes")
	}
	n := 0
	for name, w := range ways() {
		n++
		role, password := fmt.Sprintf("canary_role_%d", n), fmt.Sprintf(`p@ss/w%%rd#"x'\Cnry%dQz7way:1`, n)
		t.Run(name, func(t *testing.T) {
			s := newStage(t)
			s.superuser(role, password)
			flags := w.give(s, role, password)
			canaries := append([]string{password}, w.others...)
			check := func(wantCode int, args ...string) {
				t.Helper()
				text, code := s.run(append(args, flags...)...)
				if code != wantCode {
					t.Errorf("%s: exit code %d, want %d:\n%s", strings.Join(args, " "), code, wantCode, text)
				}
				s.holds(strings.Join(args, " "), text, canaries...)
			}
			check(0, "hash")
			check(0, "apply", "--json", "--json-into", "apply.json")
			check(0, "status")
			s.write("project/migrations/20260101000001_broken.sql", "SELECT no_such_column FROM public.first;\n")
			check(0, "hash")
			check(1, "apply")
			check(1, "status", "--no-such-flag")
			s.sql("postgres", fmt.Sprintf("ALTER ROLE %q NOLOGIN", role))
			check(1, "status", "--json")
			s.leaves(canaries...)
		})
	}
}

// TestCanariesOfEveryCommand runs what there is with one password.
func TestCanariesOfEveryCommand(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a server and many processes")
	}
	const password = `p@ss/w%rd#1"CnryCommandsQz7`
	s := newStage(t)
	s.superuser("canary_all", password)
	s.env = append(s.env, "PLEAT_URL="+s.address(url.UserPassword("canary_all", password), ""))
	for _, args := range [][]string{
		{"hash"}, {"validate"}, {"fmt"}, {"lint"}, {"lint", "--format", "sarif"}, {"plan", "--dry-run", "--json"}, {"apply", "--dry-run"}, {"apply"}, {"drift"}, {"drift", "--schema", "schema"}, {"history", "--verbose"},
		{"history", "--json"}, {"verify"}, {"lock", "status"}, {"ready"}, {"status", "--check"}, {"inspect"}, {"inspect", "--format", "sql"},
		{"rollback", "--dry-run"}, {"redo", "--auto-approve"}, {"rehearse", "--rows", "none"}, {"rollback", "--auto-approve", "--accept-data-loss"}, {"import", "--out", "imported"}, {"nonsense"},
		{"plan", "--shadow", "postgres://u:" + url.QueryEscape(password) + "@127.0.0.1:1/none"},
	} {
		text, code := s.run(args...)
		t.Logf("%v: exit code %d", args, code)
		s.holds(strings.Join(args, " "), text, password)
		if strings.Contains(text, "this is a bug") {
			t.Errorf("%v: %s", args, text)
		}
	}
	s.leaves(password)
}

// TestPasswordsInFiles: a hand-written file that sets a password, and others that fail with one in the statement.
func TestPasswordsInFiles(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a server and many processes")
	}
	s := newStage(t)
	s.superuser("canary_files", "x")
	s.env = append(s.env, "PLEAT_URL="+s.address(url.UserPassword("canary_files", "x"), ""))
	s.write("project/migrations/20260101000001_role.sql", "-- pleat: up\nCREATE ROLE canary_made LOGIN PASSWORD 'CnryFileOne';\n-- pleat: down\nDROP ROLE canary_made;\n")
	canaries := []string{"CnryFileOne"}
	check := func(want string, args ...string) {
		t.Helper()
		text, _ := s.run(args...)
		s.holds(strings.Join(args, " "), text, canaries...)
		if !strings.Contains(text, want) {
			t.Errorf("%v: want %q in\n%s", args, want, text)
		}
	}
	check("", "hash")
	check("PO08", "lint")
	check("20260101000001_role.sql:2 holds a password in plain text", "apply", "--json-into", "out.json")
	check("", "verify")
	if rows := s.sql(s.database, "SELECT convert_from(content, 'UTF8') FROM pleat.file WHERE name LIKE '%role%'"); len(rows) != 1 || !strings.Contains(rows[0][0], "PASSWORD '********'") {
		t.Errorf("kept: %v", rows)
	}
	check("", "rollback", "--auto-approve")
	for i, statement := range []string{
		"ALTER ROLE no_such_role PASSWORD 'CnryFileTwo'", "CREATE USER MAPPING FOR nobody SERVER none OPTIONS (user 'u', password 'CnryFileThree')",
		"CREATE SUBSCRIPTION s CONNECTION 'host=127.0.0.1 port=1 dbname=d password=CnryFileFour' PUBLICATION p",
		"DO $do$ BEGIN EXECUTE 'ALTER ROLE none PASSWORD ''CnryFileFive'''; END $do$", "ALTER ROLE none PASSWORD 'CnryFileSix' FROB",
		"SELECT 'postgres://u:CnryFileSeven@h/d'::integer",
	} {
		canaries = append(canaries, "CnryFileTwo", "CnryFileThree", "CnryFileFour", "CnryFileFive", "CnryFileSix", "CnryFileSeven")
		file := fmt.Sprintf("project/migrations/2026010100010%d_fails.sql", i)
		path := s.write(file, statement+";\n")
		check("", "hash")
		check("failed", "apply", "--json")
		check("failed", "apply")
		check("", "history", "--verbose")
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
	s.leaves(canaries...)
	// A file whose first step set a password goes on where it stopped, after its second step was mended.
	mended := "-- pleat: up\n-- pleat: step 1 role\nCREATE ROLE canary_mend LOGIN PASSWORD 'CnryFileNine';\n-- pleat: step 2 look\nSELECT %s;\n"
	canaries = append(canaries, "CnryFileNine")
	s.write("project/migrations/20260101000150_mended.sql", fmt.Sprintf(mended, "no_such_column"))
	check("", "hash")
	check("1 of 2 steps", "apply")
	s.write("project/migrations/20260101000150_mended.sql", fmt.Sprintf(mended, "1"))
	check("", "hash")
	check("Applied 1 migration", "apply")
	// A way back that needs a password cannot run from the log.
	s.write("project/migrations/20260101000200_back.sql", "-- pleat: up\nCREATE ROLE canary_back;\n-- pleat: down\nALTER ROLE canary_back PASSWORD 'CnryFileEight';\nDROP ROLE canary_back;\n")
	check("", "hash")
	check("", "apply")
	check("needs a password, and the log keeps none", "rollback", "--auto-approve")
	s.leaves("CnryFileEight")
}

// TestVault: users that live for one run. The first makes a table, the second changes it, and both can be dropped after.
func TestVault(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a server and many processes")
	}
	s := newStage(t)
	vault := vaulttest.Start()
	defer vault.Close()
	vault.Owner, vault.Namespace = "canary_owner", "team"
	vault.Exec = func(text string) error { _, err := query(s.server.URL(s.database), text); return err }
	s.sql(s.database, fmt.Sprintf("CREATE ROLE canary_owner; GRANT CREATE ON DATABASE %q TO canary_owner; GRANT CREATE ON SCHEMA public TO canary_owner", s.database))
	s.env = append(s.env, "VAULT_ADDR="+vault.URL, "VAULT_NAMESPACE=team", "VAULT_MAX_RETRIES=0", "SECRET_ID="+vault.SecretID)
	text := func(role string) string {
		return fmt.Sprintf("%s\nurl = %q\ncredentials {\n  vault {\n    role = \"app\"\n    auth {\n      approle {\n        role_id = %q\n        secret_id = env(\"SECRET_ID\")\n      }\n    }\n  }\n}", role, s.address(nil, ""), vault.RoleID)
	}
	canaries := func() []string { return append(vault.Look().Secrets, vault.SecretID) }
	given := func(what string, code, wantCode int, out string) {
		t.Helper()
		s.holds(what, out, canaries()...)
		if code != wantCode {
			t.Errorf("%s: exit code %d, want %d:\n%s", what, code, wantCode, out)
		}
		if seen := vault.Look(); len(seen.Open) != 0 || len(seen.Troubles) != 0 || seen.Tokens != 1 {
			t.Errorf("%s: leases %v, %d tokens, and PostgreSQL said %v", what, seen.Open, seen.Tokens, seen.Troubles)
		}
	}
	flags := inProject(s, text(""))
	if out, code := s.run("hash"); code != 0 {
		t.Fatal(out)
	}
	out, code := s.run(append(flags, "status")...)
	given("status without a role", code, 0, out)
	if !strings.Contains(out, "warning: the role \"v-token-app-") {
		t.Errorf("no warning: %s", out)
	}
	out, code = s.run(append(flags, "apply")...)
	given("apply without a role", code, 1, out)
	if !strings.Contains(out, "is temporary: whatever it creates would belong to it") || !strings.Contains(out, "set role =") {
		t.Errorf("no explanation: %s", out)
	}
	inProject(s, text(`role = "canary_owner"`))
	out, code = s.run(append(flags, "apply")...)
	given("the first user", code, 0, out)
	s.write("project/migrations/20260101000001_second.sql", "ALTER TABLE public.first ADD COLUMN name text;\n")
	s.run("hash")
	out, code = s.run(append(flags, "apply", "--json")...)
	given("the second user", code, 0, out)
	if rows := s.sql(s.database, "SELECT tableowner FROM pg_tables WHERE tablename = 'first'"); rows[0][0] != "canary_owner" {
		t.Errorf("the table belongs to %s", rows[0][0])
	}
	if rows := s.sql(s.database, "SELECT rolname FROM pg_roles WHERE rolname LIKE 'v-%'"); len(rows) != 0 {
		t.Errorf("left: %v", rows)
	}
	s.interrupted(vault, flags)
	given("an interrupted run", 1, 1, "")
	s.leaves(canaries()...)
}

// interrupted ends a run in the middle.
func (s *stage) interrupted(vault *vaulttest.Server, flags []string) {
	s.t.Helper()
	s.write("project/migrations/20260101000002_slow.sql", "SELECT pg_sleep(600);\n")
	s.run("hash")
	cmd := s.command(append(flags, "apply")...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	sleeping := func() bool {
		return len(s.sql(s.database, "SELECT 1 FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep(600)%' AND state = 'active'")) > 0
	}
	for i := 0; !sleeping() && i < 600; i++ {
		time.Sleep(50 * time.Millisecond)
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		s.t.Fatal(err)
	}
	_ = cmd.Wait() // what it says is looked at below
	if cmd.ProcessState.ExitCode() != 1 {
		s.t.Errorf("an interrupted run ended with %d: %s", cmd.ProcessState.ExitCode(), out.String())
	}
	s.holds("an interrupted run", out.String(), vault.Look().Secrets...)
}

// TestPanicGivesBackAndHides: a fault of pleat neither shows a password nor keeps what was borrowed.
func TestPanicGivesBackAndHides(t *testing.T) {
	var out bytes.Buffer
	var a *app
	released, thrown := false, false
	a = &app{streams: view.NewStreams(strings.NewReader(""), &out, &out), now: time.Now, version: "test", getenv: func(name string) string {
		switch name {
		case "PLEAT_URL":
			return "postgres://u:CnryPanic%2Fx@127.0.0.1:1/d"
		case "NO_COLOR":
			if !thrown {
				thrown = true
				a.atExit(func() { released = true })
				panic(errors.New("cannot read postgres://u:CnryPanic%2Fx@127.0.0.1:1/d as CnryPanic/x"))
			}
		}
		return ""
	}}
	if code := a.main(context.Background(), []string{"status"}); code != 1 || !released {
		t.Errorf("exit code %d, released %t", code, released)
	}
	if text := out.String(); strings.Contains(text, "CnryPanic") || !strings.Contains(text, "this is a bug in pleat") {
		t.Errorf("printed %s", text)
	}
}

// TestCommandsNeedLeaveInAPipeline: whoever can edit the project file cannot run programs in a pipeline with it alone.
func TestCommandsNeedLeaveInAPipeline(t *testing.T) {
	s := newStage(t)
	ran := s.in + "/ran"
	flags := inProject(s, fmt.Sprintf("url = %q\ncredentials {\n  command = [\"sh\", \"-c\", \"touch %s; exit 9\"]\n}", s.address(url.User("u"), ""), ran))
	s.env = append(s.env, "CI=true")
	s.run("hash")
	for _, args := range [][]string{{"status"}, {"validate"}, {"fmt"}, {"lint"}} {
		out, code := s.run(append(args, flags...)...)
		if _, err := os.Stat(ran); err == nil {
			t.Fatalf("%v ran the command", args)
		}
		if args[0] == "status" && (code != 1 || !strings.Contains(out, "allow_exec = true")) {
			t.Errorf("status: %d %s", code, out)
		}
	}
	s.env = append(s.env, "CI=")
	if out, _ := s.run(append(flags, "lint")...); !strings.Contains(out, "lint runs none") {
		t.Errorf("lint: %s", out)
	}
	s.env = append(s.env, "CI=true")
	out, code := s.run(append(flags, "status", "--allow-exec")...)
	if _, err := os.Stat(ran); err != nil || code != 1 || !strings.Contains(out, "the command sh failed: exit status 9") {
		t.Errorf("with leave: %d %s (%v)", code, out, err)
	}
}
