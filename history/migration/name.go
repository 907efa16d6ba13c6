package migration

import (
	"fmt"
	"strings"
	"time"
	"unicode"
)

const versionLayout = "20060102150405"

// maxSlug keeps file names well below the 255 bytes that file systems allow.
const maxSlug = 120

// NameError says why a file name cannot be that of a migration.
type NameError struct{ File, Reason, Hint string }

// Error is one line.
func (e *NameError) Error() string { return e.File + ": " + e.Reason + "; " + e.Hint }

// ParseName splits a base name such as 20261120153000_add_slug.expand.sql into its parts.
func ParseName(file string) (version, name string, phase Phase, err error) {
	fail := func(reason string) (string, string, Phase, error) {
		return "", "", "", &NameError{file, reason,
			"a migration is called like 20261120153000_add_slug.sql, with .expand.sql or .contract.sql where it is split"}
	}
	base, ok := strings.CutSuffix(file, ".sql")
	if !ok {
		return fail("does not end in .sql")
	}
	version, name, ok = strings.Cut(base, "_")
	if !ok {
		return fail("has no version and name joined by _")
	}
	if err := CheckVersion(version); err != nil {
		return fail(err.Error())
	}
	if before, word, found := strings.Cut(name, "."); found {
		name, phase = before, Phase(word)
		if phase != Expand && phase != Contract {
			if s := suggest(word, []string{string(Expand), string(Contract)}); s != "" {
				return fail(fmt.Sprintf("has the unknown phase %q, did you mean %q?", word, s))
			}
			return fail(fmt.Sprintf("has the unknown phase %q", word))
		}
	}
	if name == "" || strings.ContainsFunc(name, func(r rune) bool { return !nameRune(r) }) {
		return fail("has a name of more than letters, digits, - and _")
	}
	return version, name, phase, nil
}

// CheckVersion says what is wrong with a version; nil for a UTC timestamp of 14 digits.
func CheckVersion(version string) error {
	if len(version) != len(versionLayout) || strings.Trim(version, "0123456789") != "" {
		return fmt.Errorf("version %q is not a timestamp of 14 digits", version)
	}
	if _, err := time.Parse(versionLayout, version); err != nil {
		return fmt.Errorf("version %q is not a date and time", version)
	}
	return nil
}

// NextVersion is the version of a new file: now in UTC, or one second after the newest version
// given where the clock has not passed it, so that a new file is always the last.
func NextVersion(newest string, now time.Time) (string, error) {
	next := now.UTC().Format(versionLayout)
	if next > newest {
		return next, nil
	}
	t, err := time.Parse(versionLayout, newest)
	if err != nil {
		return "", fmt.Errorf("find a version after %q: %w", newest, CheckVersion(newest))
	}
	next = t.Add(time.Second).Format(versionLayout)
	if len(next) != len(versionLayout) {
		return "", fmt.Errorf("find a version after %q: it is the last second of the calendar", newest)
	}
	return next, nil
}

// Slug makes a name fit for a file: letters and digits in lower case, everything else one underscore.
func Slug(name string) (string, error) {
	var b strings.Builder
	gap := false
	for _, r := range strings.ToLower(name) {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			gap = true
			continue
		}
		if gap && b.Len() > 0 {
			b.WriteByte('_')
		}
		gap = false
		if b.Len()+4 > maxSlug {
			break
		}
		b.WriteRune(r)
	}
	if b.Len() == 0 {
		return "", fmt.Errorf("make a file name of %q: it holds no letter and no digit", name)
	}
	return strings.TrimRight(b.String(), "_"), nil
}

func nameRune(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.M, r) || r == '_' || r == '-'
}
