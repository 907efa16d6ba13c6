package sqltext

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	pgquery "github.com/pganalyze/pg_query_go/v5"
)

// TestScannerAgrees holds the scanner against the engine's own, token by token. Where strings
// end it does not report well, but the token after one tells.
func TestScannerAgrees(t *testing.T) {
	texts := []string{
		"a+-1 b*-c @-1 <=-2 a<>-b x->>'y' a#>>'{}' 1..2 a[1:2] b::int c:=1 f(a=>1)",
		"0x1F 0b1 0o7 1_000 1e10 1.5e-3 .5 1. E'a\\'b' U&'x' u&\"y\" b'1' X'F' $1 $$a$$ $t$b$$c$t$ a$b",
		"é \"q\"\"r\" /* a /* b */ c */ - -- x\n /*/**/*/ ? ?| |& ~* !~~ a||b",
	}
	filepath.WalkDir("../../../shared/corpora/schemas", func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Name() == "schema.sql" {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Error(err)
			}
			texts = append(texts, string(text))
		}
		return nil
	})
	for _, text := range texts {
		want, err := pgquery.Scan(text)
		if err != nil {
			t.Errorf("%.80s: %v", text, err)
			continue
		}
		s := scanner{src: text}
		for _, w := range want.Tokens {
			got, ok, err := s.next()
			if err != nil || !ok || got.start != int(w.Start) || got.kind != tokenString && got.kind != tokenQuoted && got.end != int(w.End) {
				t.Errorf("token %q at %d, want %q at %d (%v)", text[got.start:got.end], got.start, text[w.Start:w.End], w.Start, err)
				break
			}
		}
	}
}
