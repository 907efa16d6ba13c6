package apply

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pleatdb/pleat/history"
	"github.com/pleatdb/pleat/history/migration"
	"github.com/pleatdb/pleat/schema/sqltext"
)

// conceal makes the passwords of a file known, so that no event's detail holds one: the server quotes statements in its errors.
func (s *session) conceal(text []byte) {
	for _, value := range sqltext.SecretValues(string(text)) {
		if !slices.Contains(s.secrets, value) {
			s.secrets = append(s.secrets, value)
		}
	}
	slices.SortStableFunc(s.secrets, func(a, b string) int { return len(b) - len(a) })
}

// masked is a detail without the secrets that are known.
func (s *session) masked(detail map[string]any) map[string]any {
	if len(detail) == 0 {
		return detail
	}
	return s.maskedValue(detail).(map[string]any)
}

func (s *session) maskedValue(value any) any {
	switch v := value.(type) {
	case string:
		return s.maskedText(v)
	case []string:
		out := make([]string, len(v))
		for i, text := range v {
			out[i] = s.maskedText(text)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, element := range v {
			out[i] = s.maskedValue(element)
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for key, element := range v {
			out[key] = s.maskedValue(element)
		}
		return out
	}
	return value
}

func (s *session) maskedText(text string) string {
	for _, secret := range s.secrets {
		text = strings.ReplaceAll(text, secret, sqltext.Hidden)
	}
	if s.opts.Mask != nil {
		text = s.opts.Mask(text)
	}
	return text
}

// leaky warns of a file that holds passwords: where the server logs statements they are in its log, and the file has more readers
// than the password should.
func leaky(f *migration.File) (warnings []string) {
	for _, secret := range sqltext.Secrets(string(f.Text)) {
		warnings = append(warnings, fmt.Sprintf("%s:%d holds a password in plain text. It is masked here and in pleat's log, not in the file and not in the server's log; "+
			"give the role its password outside of migrations (\\password of psql)", f.Name, secret.Line))
	}
	return warnings
}

// unmasked refuses a way back that would set a password which was not kept.
func (b *back) unmasked() error {
	for _, part := range b.parts {
		for _, stmt := range part.Statements {
			if strings.Contains(stmt.SQL, sqltext.Hidden) {
				return &Refused{Code: "masked", Reason: fmt.Sprintf("the way back of %s needs a password, and the log keeps none", label(b.record)),
					Next: "write a new migration that does what is wanted"}
			}
		}
	}
	return nil
}

// sameStatements compares statements as they are kept, without their passwords.
func sameStatements(ran, now []migration.Statement) bool {
	return slices.EqualFunc(ran, now, func(a, b migration.Statement) bool {
		return sqltext.MaskSecrets(a.SQL) == sqltext.MaskSecrets(b.SQL)
	})
}

// fileEvent says whose the text is that is kept.
func (r *runner) fileEvent(w *work) history.Event {
	return r.session.event(r.about(w.m, w.checksum, history.Event{}))
}
