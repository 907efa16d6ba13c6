package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// TestMain makes the test's own binary stand for pleat where CORPORA_FAKE says how it should behave; "by case" is to behave
// as the name of the case says.
func TestMain(m *testing.M) {
	mode := os.Getenv("CORPORA_FAKE")
	if mode == "" {
		m.Run()
		return
	}
	if mode == "by case" {
		dir, err := os.Getwd()
		mode = filepath.Base(dir)
		if err != nil {
			mode = "error in " + os.Args[1]
		}
	}
	f := fake{mode: mode, args: os.Args[2:], ctx: context.Background()}
	code, err := f.run(os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// fake does with dumps what pleat does with HCL: it is right about everything except what its mode spoils, and loses all rows.
type fake struct {
	mode string
	args []string
	ctx  context.Context
}

func (f *fake) flag(name string) string {
	if i := slices.Index(f.args, name); i >= 0 {
		return f.args[i+1]
	}
	return ""
}

func (f *fake) run(command string) (int, error) {
	step := command
	if slices.Contains(f.args, "--dry-run") {
		step = "again"
	}
	switch f.mode {
	case "panic in " + step:
		panic("boom")
	case "hang in " + step:
		time.Sleep(time.Minute)
	case "refuse in " + step:
		return 1, json.NewEncoder(os.Stdout).Encode(map[string]any{"error": fault{Code: "unsupported.change", Message: "no", Object: "table public.t"}})
	case "error in " + step:
		return 1, fmt.Errorf("%s: it broke", step)
	case "lazy in " + step:
		return 0, nil
	case "differs in " + step:
		return 2, nil
	}
	switch command {
	case "inspect", "import":
		return 0, f.inspect(command)
	case "plan":
		return f.plan()
	case "apply":
		return 0, f.become("up.sql")
	case "rollback":
		return 0, f.become("down.sql")
	}
	return 1, fmt.Errorf("no command %s", command)
}

func (f *fake) dump() (string, error) {
	d, err := newDumper(f.ctx, 15, false)
	if err != nil {
		return "", err
	}
	return d.dump(f.ctx, f.flag("--url"))
}

func (f *fake) inspect(command string) error {
	if f.mode == "unmanaged" {
		fmt.Fprintln(os.Stderr, "unmanaged: view public.v")
	}
	dir := f.flag("--out")
	if command == "import" {
		dir = filepath.Join(dir, "schema")
	}
	text, err := f.dump()
	if err != nil || f.flag("--out") == "" {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "want.sql"), []byte(text), 0o644)
}

func (f *fake) plan() (int, error) {
	have, err := f.dump()
	if err != nil {
		return 1, err
	}
	want, err := os.ReadFile(filepath.Join(f.flag("--schema"), "want.sql"))
	if err != nil {
		return 1, err
	}
	if v, err := judge(string(want), have); err != nil || v.same() || f.mode == "unmanaged" && !strings.Contains(have+string(want), "TABLE") {
		return 0, err
	}
	if slices.Contains(f.args, "--dry-run") {
		if f.mode == "unmanaged" || strings.HasPrefix(f.mode, "spoil") {
			return 0, nil
		}
		return 2, nil
	}
	if f.mode == "destructive" {
		fmt.Println(`{"risks":[{"kind":"destructive","object":"table public.t"}]}`)
	}
	for name, text := range map[string]string{"up.sql": string(want), "down.sql": have} {
		if err := os.WriteFile(filepath.Join(f.flag("--migrations"), name), []byte(text), 0o644); err != nil {
			return 1, err
		}
	}
	return 2, nil
}

// become throws all away and builds what the file says.
func (f *fake) become(name string) error {
	text, err := os.ReadFile(filepath.Join(f.flag("--migrations"), name))
	if err != nil {
		return err
	}
	conn, err := pgx.Connect(f.ctx, f.flag("--url"))
	if err != nil {
		return err
	}
	defer conn.Close(f.ctx)
	spoil := ""
	if sql, ok := strings.CutPrefix(f.mode, "spoil "); ok && name == "up.sql" {
		spoil = ";" + sql
	}
	if f.mode == "unmanaged" && name == "up.sql" {
		spoil = "; DROP VIEW IF EXISTS public.v"
	}
	if f.mode == "bad rollback" && name == "down.sql" {
		spoil = "; CREATE TABLE public.left_over ()"
	}
	drops, err := column(f.ctx, conn, `SELECT format('DROP EXTENSION %I CASCADE', extname) FROM pg_extension WHERE extname <> 'plpgsql'
		UNION ALL SELECT format('DROP PUBLICATION %I', pubname) FROM pg_publication
		UNION ALL SELECT format('DROP SCHEMA %I CASCADE', nspname) FROM pg_namespace
		WHERE nspname NOT LIKE 'pg\_%' AND nspname NOT IN ('information_schema', 'public')`)
	if err != nil {
		return err
	}
	// The simple protocol runs all of it in one transaction, which the fake wants: half of it must not stay.
	return simple(f.ctx, conn, strings.Join(append(drops, "DROP SCHEMA public CASCADE"), ";")+"; CREATE SCHEMA public;"+
		"GRANT USAGE ON SCHEMA public TO PUBLIC; ALTER SCHEMA public OWNER TO pg_database_owner;"+
		"COMMENT ON SCHEMA public IS 'standard public schema';"+string(text)+spoil)
}
