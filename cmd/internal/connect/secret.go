package connect

import (
	"fmt"
	"io"
	"log/slog"
)

const redacted = "********"

// Secret is a text that prints as asterisks whatever prints it. The zero value is empty.
type Secret struct {
	// A function, because fmt prints the fields of unexported fields without asking their methods.
	reveal func() string
}

// NewSecret wraps text.
func NewSecret(text string) Secret {
	if text == "" {
		return Secret{}
	}
	return Secret{reveal: func() string { return text }}
}

// Reveal is the text itself, for the one place that needs it.
func (s Secret) Reveal() string {
	if s.reveal == nil {
		return ""
	}
	return s.reveal()
}

// Empty says that there is no text.
func (s Secret) Empty() bool { return s.reveal == nil }

// String is always asterisks, so that not even the length shows.
func (s Secret) String() string { return redacted }

// GoString is String.
func (s Secret) GoString() string { return redacted }

// Format writes asterisks for every verb.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// MarshalText gives asterisks.
func (s Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// MarshalJSON gives asterisks.
func (s Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + redacted + `"`), nil }

// LogValue gives asterisks.
func (s Secret) LogValue() slog.Value { return slog.StringValue(redacted) }
