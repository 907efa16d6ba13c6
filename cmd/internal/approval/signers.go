package approval

import (
	"bytes"
	"fmt"
	"os"
	"path"
	"slices"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"
)

// Signer is one line of an allowed_signers file: who may approve, with which key.
type Signer struct {
	Principal     string // the first of the line
	Key           ssh.PublicKey
	After, Before time.Time // the key counts only for signatures made between; zero: no bound
}

// Fingerprint is the key's SHA-256 as OpenSSH prints it.
func (s *Signer) Fingerprint() string { return ssh.FingerprintSHA256(s.Key) }

// ReadSigners reads allowed signers: each source is the path of a file in OpenSSH's format (ssh-keygen(1), ALLOWED SIGNERS) or one such
// line. Lines for other namespaces are passed over; certificate authorities are refused.
func ReadSigners(sources []string) ([]Signer, error) {
	var out []Signer
	for _, source := range sources {
		name, text := "approvals.keys", []byte(source)
		if !strings.Contains(source, " ") || exists(source) {
			var err error
			if text, err = os.ReadFile(source); err != nil {
				return nil, fmt.Errorf("read allowed signers: %w", err)
			}
			name = source
		}
		for i, line := range bytes.Split(text, []byte("\n")) {
			line = bytes.TrimSpace(line)
			if len(line) == 0 || line[0] == '#' {
				continue
			}
			s, err := parseSigner(string(line))
			if err != nil {
				return nil, fmt.Errorf("read allowed signers: %s:%d: %w", name, i+1, err)
			}
			if s != nil {
				out = append(out, *s)
			}
		}
	}
	return out, nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// parseSigner reads "principals [options] keytype key [comment]"; nil where the line is for other namespaces. A bare public key has the
// fingerprint for its principal.
func parseSigner(line string) (*Signer, error) {
	if key, _, options, _, err := ssh.ParseAuthorizedKey([]byte(line)); err == nil && len(options) == 0 && strings.HasPrefix(line, key.Type()) {
		return &Signer{Principal: ssh.FingerprintSHA256(key), Key: key}, nil
	}
	principals, rest, ok := firstField(line)
	if !ok {
		return nil, fmt.Errorf("it has no key")
	}
	key, _, options, _, err := ssh.ParseAuthorizedKey([]byte(rest))
	if err != nil {
		return nil, fmt.Errorf("its key cannot be read: %w", err)
	}
	s := &Signer{Key: key}
	s.Principal, _, _ = strings.Cut(principals, ",")
	if strings.ContainsAny(s.Principal, "*?!") {
		return nil, fmt.Errorf("the principal %q is a pattern, and an approval must be somebody's", s.Principal)
	}
	return s.with(options)
}

// with applies the options of a line.
func (s *Signer) with(options []string) (*Signer, error) {
	for _, option := range options {
		name, value, _ := strings.Cut(option, "=")
		value = strings.Trim(value, `"`)
		var err error
		switch strings.ToLower(name) {
		case "cert-authority":
			return nil, fmt.Errorf("certificate authorities are not supported: list the keys themselves")
		case "namespaces":
			if !slices.ContainsFunc(strings.Split(value, ","), namesUs) {
				return nil, nil
			}
		case "valid-after":
			s.After, err = moment(value)
		case "valid-before":
			s.Before, err = moment(value)
		default:
			return nil, fmt.Errorf("unknown option %q", name)
		}
		if err != nil {
			return nil, err
		}
	}
	return s, nil
}

// namesUs reports whether a pattern of namespaces takes ours in.
func namesUs(pattern string) bool {
	ok, err := path.Match(pattern, Namespace)
	return err == nil && ok
}

// moment reads YYYYMMDD[HHMM[SS]][Z] as ssh-keygen does, in UTC.
func moment(text string) (time.Time, error) {
	digits := strings.TrimSuffix(text, "Z")
	for _, layout := range []string{"20060102", "200601021504", "20060102150405"} {
		if len(layout) == len(digits) {
			return time.Parse(layout, digits)
		}
	}
	return time.Time{}, fmt.Errorf("%q is no time such as 20261231 or 20261231235959Z", text)
}

// firstField takes the first field off a line; it may be quoted.
func firstField(line string) (field, rest string, ok bool) {
	if quoted, found := strings.CutPrefix(line, `"`); found {
		field, rest, ok = strings.Cut(quoted, `"`)
		return field, strings.TrimSpace(rest), ok
	}
	i := strings.IndexAny(line, " \t")
	if i < 0 {
		return "", "", false
	}
	return line[:i], strings.TrimSpace(line[i:]), true
}

// valid reports whether the key may be used for something that was signed at a time.
func (s *Signer) valid(at time.Time) bool {
	return (s.After.IsZero() || !at.Before(s.After)) && (s.Before.IsZero() || at.Before(s.Before))
}
