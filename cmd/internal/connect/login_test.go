package connect

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

// logins give one after the other, and count how often they were told to forget.
type logins struct {
	list      []Login
	asked     int
	forgotten int
}

func (l *logins) Login(context.Context) (Login, error) {
	if len(l.list) == 0 {
		return Login{}, errors.New("nobody knows")
	}
	login := l.list[min(l.asked, len(l.list)-1)]
	l.asked++
	return login, nil
}

func (l *logins) Forget() { l.forgotten++ }

func TestCredentials(t *testing.T) {
	server := tcpServer(t)
	address := fmt.Sprintf("postgres://127.0.0.1:%d/postgres?sslmode=disable", server.port)
	good, bad := Login{User: "canary", Password: NewSecret(canary)}, Login{User: "canary", Password: NewSecret("another-canary")}
	tests := map[string]struct {
		list             []Login
		asked, forgotten int
		fails            string
	}{
		"each connection asks": {[]Login{good}, 1, 0, ""},
		"a refused one again":  {[]Login{bad, good}, 2, 1, ""},
		"not for ever":         {[]Login{bad}, 2, 1, "28P01"},
		"a whole URL":          {[]Login{{URL: NewSecret(server.canaryURL(""))}}, 1, 0, ""},
		"none":                 {nil, 0, 0, "get credentials: nobody knows"},
		"a broken URL":         {[]Login{{URL: NewSecret("postgres://u:" + canary + "@h/d")}}, 1, 0, "the URL that came with the credentials"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			target, err := Parse(address, environment())
			if err != nil {
				t.Fatal(err)
			}
			source := &logins{list: tt.list}
			target.Credentials = source
			conn, err := target.Connect(t.Context(), "test")
			if err == nil {
				defer conn.Close(context.Background())
				if conn.Config().User != "canary" {
					t.Errorf("connected as %s", conn.Config().User)
				}
			}
			if (err == nil) != (tt.fails == "") || err != nil && (!strings.Contains(err.Error(), tt.fails) || leaks(err.Error()) || strings.Contains(err.Error(), "another-canary")) {
				t.Errorf("want %q, got %v", tt.fails, err)
			}
			if source.asked != tt.asked || source.forgotten != tt.forgotten {
				t.Errorf("asked %d times, forgot %d times", source.asked, source.forgotten)
			}
			for what, text := range everyPrint(t, target) {
				if leaks(text) {
					t.Errorf("%s shows the password", what)
				}
			}
		})
	}
}

// TestTemporaryRolesOwnNothing: who will be dropped may write only as somebody who stays.
func TestTemporaryRolesOwnNothing(t *testing.T) {
	server := tcpServer(t)
	admin, err := pgx.Connect(t.Context(), server.URL("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close(context.Background())
	_, err = admin.PgConn().Exec(t.Context(), `CREATE ROLE stays; CREATE ROLE "v-x-1" LOGIN PASSWORD 'x1' IN ROLE stays; CREATE ROLE made LOGIN PASSWORD 'x1' IN ROLE stays;
		CREATE ROLE becomes LOGIN PASSWORD 'x1' IN ROLE stays; ALTER ROLE becomes SET role = 'stays'`).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		user, named, role string
		writes            bool
		fails, warns      bool
	}{
		{user: "made", writes: true, fails: true},
		{user: "made", warns: true},
		{user: "made", named: "made", writes: true},
		{user: "made", role: "stays", writes: true},
		{user: "becomes", writes: true},
		{user: "v-x-1", named: "v-x-1", writes: true, fails: true},
		{user: "v-x-1", named: "v-x-1", role: "stays", writes: true},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprintf("%+v", tt), func(t *testing.T) {
			target, err := Parse(fmt.Sprintf("host=127.0.0.1 port=%d dbname=postgres user='%s'", server.port, tt.named), environment())
			if err != nil {
				t.Fatal(err)
			}
			var warnings []string
			target.Warn = func(text string) { warnings = append(warnings, text) }
			target.Credentials = &logins{list: []Login{{User: tt.user, Password: NewSecret("x1"), Temporary: true}}}
			options := []Option{Role(tt.role)}
			if tt.writes {
				options = append(options, ReadWrite())
			}
			for range 2 {
				conn, err := target.Connect(t.Context(), "test", options...)
				if err == nil {
					defer conn.Close(context.Background())
				}
				if (err != nil) != tt.fails || err != nil && (!strings.Contains(err.Error(), "is temporary") || !strings.Contains(err.Error(), "set role =")) {
					t.Fatalf("got %v", err)
				}
			}
			if warned := len(warnings) == 1 && strings.Contains(warnings[0], "is temporary"); warned != tt.warns {
				t.Errorf("warned %q", warnings)
			}
		})
	}
}

func TestMaskText(t *testing.T) {
	for text, want := range map[string]string{
		"postgres://u:canary@h/d and more":               "postgres://u:********@h/d and more",
		"postgres://u:p@ss@h/d":                          "postgres://u:********@h/d",
		"https://example.org:8080/a@b":                   "https://example.org:********@b",
		`{"password": "can ary", "user": "u"}`:           `{"password": "********", "user": "u"}`,
		"host=h password=canary dbname=d":                "host=h password=******** dbname=d",
		"password = 'can ary' x":                         "password = '********' x",
		"AWS_SECRET_ACCESS_KEY=canary;TOKEN: canary":     "AWS_SECRET_ACCESS_KEY=********;TOKEN: ********",
		"Authorization: Bearer canary":                   "Authorization: Bearer ********",
		"the password of u is wrong, get a token://here": "the password of u is wrong, get a token://here",
		"": "",
	} {
		if got := MaskText(text); got != want {
			t.Errorf("%s\n got %s\nwant %s", text, got, want)
		}
		if again := MaskText(want); again != want {
			t.Errorf("masked twice: %s", again)
		}
	}
	if got := PasswordOf("postgres://u:a%20b@h/d"); got != "a%20b" {
		t.Errorf("got %q", got)
	}
}
