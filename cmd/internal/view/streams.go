package view

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"

	"golang.org/x/term"
)

// Streams are the process's standard streams. What is written to Out and Err is masked; see [Streams.Hide].
type Streams struct {
	In io.Reader
	// Out takes results, Err all else. Each Write is masked by itself, so a text must be written in one piece.
	Out, Err io.Writer
	// InTerminal, OutTerminal and ErrTerminal say that a person is at the other end.
	InTerminal, OutTerminal, ErrTerminal bool

	mask *masker
	// log gets what is said on standard error, too; quiet leaves it to the log.
	log   func(level, message string)
	quiet bool
}

// LogTo hands what would be said on standard error to a log, by level ("debug", "info", "warn", "error"). With quiet nothing but questions
// is written there any more, since the log is.
func (s *Streams) LogTo(log func(level, message string), quiet bool) {
	s.log, s.quiet = log, quiet
}

func (s *Streams) tell(level, message string) {
	if s.log != nil {
		s.log(level, message)
	}
}

// NewStreams wraps streams; those that are terminals are recognised.
func NewStreams(in io.Reader, out, err io.Writer) *Streams {
	m := &masker{}
	return &Streams{
		In: in, Out: maskedWriter{out, m}, Err: maskedWriter{err, m}, mask: m,
		InTerminal: isTerminal(in), OutTerminal: isTerminal(out), ErrTerminal: isTerminal(err),
	}
}

// Hide masks texts in all that is written from now on. Texts of less than four bytes are left out: hiding them would
// garble everything and hide nothing.
func (s *Streams) Hide(secrets ...string) { s.mask.add(secrets) }

// HideBy masks also what mask replaces: the sensitive values of schema files are known to their loader alone.
func (s *Streams) HideBy(mask func(string) string) {
	s.mask.mu.Lock()
	defer s.mask.mu.Unlock()
	s.mask.more = append(s.mask.more, mask)
}

// Mask replaces the secrets in a text, for what is written past the streams (a file for a pipeline).
func (s *Streams) Mask(text string) string { return s.mask.apply(text) }

func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// hidden stands in the place of a secret; its length says nothing about that of the secret.
const hidden = "********"

// masker is shared by both streams, which may be written to from several goroutines.
type masker struct {
	// writing is held during a write: targets of a fleet speak at once.
	writing sync.Mutex

	mu    sync.Mutex
	forms []string // longest first, so that masking one never leaves the rest of another
	more  []func(string) string
}

func (m *masker) add(secrets []string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, secret := range secrets {
		if len(secret) < 4 || secret == hidden {
			continue
		}
		for _, form := range spellings(secret) {
			if !slices.Contains(m.forms, form) {
				m.forms = append(m.forms, form)
			}
		}
	}
	slices.SortStableFunc(m.forms, func(a, b string) int { return len(b) - len(a) })
}

// spellings are the ways in which a secret can stand in a URL, in JSON, in an escaped text, or encoded for a header.
func spellings(secret string) []string {
	var quoted, plain bytes.Buffer
	encoder := json.NewEncoder(&plain)
	encoder.SetEscapeHTML(false)
	_, _ = encoder.Encode(secret), json.NewEncoder(&quoted).Encode(secret) // a string can always be encoded
	userinfo := url.UserPassword("", secret).String()
	return []string{
		secret, url.QueryEscape(secret), url.PathEscape(secret), strings.TrimPrefix(userinfo, ":"),
		unquoted(quoted), unquoted(plain), Clean(secret), strings.ReplaceAll(secret, "'", "''"),
		strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(secret), // in a connection string
		base64.StdEncoding.EncodeToString([]byte(secret)), base64.RawURLEncoding.EncodeToString([]byte(secret)),
	}
}

// unquoted is an encoded JSON string without its quotes and the encoder's newline.
func unquoted(b bytes.Buffer) string { return strings.TrimSuffix(b.String()[1:], "\"\n") }

func (m *masker) apply(text string) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, form := range m.forms {
		text = strings.ReplaceAll(text, form, hidden)
	}
	for _, mask := range m.more {
		text = mask(text)
	}
	return text
}

type maskedWriter struct {
	to   io.Writer
	mask *masker
}

// Write reports the length of what was given, since masking changes that of what is written.
func (w maskedWriter) Write(text []byte) (int, error) {
	masked := w.mask.apply(string(text))
	w.mask.writing.Lock()
	defer w.mask.writing.Unlock()
	if _, err := io.WriteString(w.to, masked); err != nil {
		return 0, err
	}
	return len(text), nil
}
