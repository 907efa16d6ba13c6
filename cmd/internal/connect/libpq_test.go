package connect

import (
	"slices"
	"strings"
	"testing"
)

func TestLibpqHoldsNoPassword(t *testing.T) {
	none := func(name string) string {
		if name == "HOME" {
			return t.TempDir()
		}
		return ""
	}
	target, err := Parse("postgres://me:s3cret@one:5433,two:5434/shop?sslmode=require&connect_timeout=7", none)
	if err != nil {
		t.Fatal(err)
	}
	env, err := target.Libpq()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"PGHOST=one,two", "PGPORT=5433,5434", "PGUSER=me", "PGDATABASE=shop", "PGSSLMODE=require", "PGCONNECT_TIMEOUT=7", "PGTARGETSESSIONATTRS=read-write"} {
		if !slices.Contains(env, want) {
			t.Errorf("%q is not in %q", want, env)
		}
	}
	if strings.Contains(strings.Join(env, " "), "s3cret") {
		t.Error("the password is in the environment")
	}
}
