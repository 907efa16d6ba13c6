package connect

import (
	"net/url"
	"strings"
	"testing"
)

// FuzzPassword: any password survives both forms of a connection string, and no input makes the reader panic.
func FuzzPassword(f *testing.F) {
	for _, seed := range []string{canary, `a b`, `it's \`, "%", "=", "&", "'", "\\", "@:/?#[]", "日本", "\n"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, password string) {
		_, _ = Parse(password, environment())
		_, _ = Parse("postgres://u:"+password+"@h/d", environment())
		if password == "" || strings.ContainsRune(password, 0) {
			return
		}
		encoded := strings.ReplaceAll(url.QueryEscape(password), "+", "%20")
		quoted := strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(password)
		for _, input := range []string{"postgres://u:" + encoded + "@h/d", "postgres://h/d?user=u&password=" + encoded, "host=h user=u password='" + quoted + "'"} {
			target, err := Parse(input, environment())
			if err != nil {
				t.Fatalf("%q: %v", input, err)
			}
			if got := target.Password().Reveal(); got != password {
				t.Errorf("%q: got %q, want %q", input, got, password)
			}
		}
	})
}
