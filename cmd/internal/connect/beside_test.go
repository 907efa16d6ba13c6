package connect

import (
	"strings"
	"testing"
)

func TestForeignConnectionStrings(t *testing.T) {
	t.Setenv("PGPASSWORD", "of-this-machine")
	for _, tc := range []struct{ input, fault string }{
		{"postgres://app:pw@db.example.org:5433/tenant?sslmode=require", ""},
		{"host=db.example.org dbname=tenant user=app password=pw", ""},
		{"postgres://app@db.example.org/tenant?sslkey=/etc/passwd", `"sslkey" is not allowed`},
		{"postgres://app@db.example.org/tenant?passfile=/root/.pgpass", `"passfile" is not allowed`},
		{"host=db service=prod", `"service" is not allowed`},
		{"host=db servicefile=/tmp/x", `"servicefile" is not allowed`},
		{"host=db options='-c role=admin'", `"options" is not allowed`},
		{"dbname=tenant", "must name its host"},
	} {
		got, err := ParseForeign(tc.input)
		switch {
		case tc.fault == "" && err != nil:
			t.Errorf("%s: %v", tc.input, err)
		case tc.fault != "" && (err == nil || !strings.Contains(err.Error(), tc.fault)):
			t.Errorf("%s: %v", tc.input, err)
		case tc.fault == "" && got.Password().Reveal() != "pw":
			t.Errorf("%s: the password comes from elsewhere", tc.input)
		}
	}
	got, err := ParseForeign("postgres://app@db.example.org/tenant")
	if err != nil || !got.Password().Empty() {
		t.Errorf("a password was found for somebody else's server: %v", err)
	}
}

func TestBesideKeepsTheOther(t *testing.T) {
	a, err := Parse("postgres://app:pw@db.example.org/one", func(string) string { return "" })
	if err != nil {
		t.Fatal(err)
	}
	b := a.Beside(`two"$1`)
	if a.Database() != "one" || b.Database() != `two"$1` || b.Password().Reveal() != "pw" || b.Host() != a.Host() {
		t.Errorf("got %s and %s", a, b)
	}
	if config, err := b.driverConfig("test"); err != nil || config.Database != `two"$1` {
		t.Errorf("the driver gets another database: %v", err)
	}
}
