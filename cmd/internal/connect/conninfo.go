package connect

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

const encodeAdvice = "percent-encode special characters of the user and the password in a URL (@ is %40, / is %2F, # is %23, % is %25), " +
	"or use PGPASSWORD, a .pgpass file, or the form key=value with quotes"

// pair is one key and its value as written, with where it came from.
type pair struct {
	key, value, source string
	// mayBeSecret: the key follows a password so closely that it may be a piece of it.
	mayBeSecret bool
}

// foreignSchemes are URL schemes of other databases, which DATABASE_URL may hold.
var foreignSchemes = []string{"mysql", "mariadb", "sqlite", "sqlite3", "file", "sqlserver", "mssql", "mongodb", "mongodb+srv",
	"oracle", "redis", "http", "https", "prisma", "prisma+postgres", "cockroachdb", "jdbc:mysql"}

// parseConninfo reads a URL or a key=value string. The error never holds any of it.
func parseConninfo(s, source string) (pairs []pair, notes []string, err error) {
	if strings.ContainsRune(s, 0) {
		return nil, nil, errors.New("the connection string holds a NUL byte")
	}
	scheme, rest, ok := strings.Cut(s, "://")
	if !ok || strings.ContainsAny(scheme, "= \t\n'") {
		pairs, err := parseKeyValue(s, source)
		return pairs, nil, err
	}
	base, driver, _ := strings.Cut(scheme, "+")
	switch {
	case strings.HasPrefix(scheme, "jdbc:postgresql"):
		return nil, nil, errors.New("this is a JDBC URL: leave out jdbc: and write user:password@ before the host")
	case slices.Contains(foreignSchemes, scheme):
		return nil, nil, fmt.Errorf("the URL's scheme is %s: pleat connects to PostgreSQL (postgres://)", scheme)
	case base != "postgres" && base != "postgresql":
		return nil, nil, fmt.Errorf("the URL's scheme is unknown: it must be postgres:// or postgresql:// (if this is not a URL, %s)", encodeAdvice)
	case driver != "" && isWord(driver):
		notes = append(notes, fmt.Sprintf("%s: the driver name +%s in the URL's scheme is ignored", source, driver))
	}
	pairs, err = parseURL(rest, source)
	return pairs, notes, err
}

// parseKeyValue reads libpq's key = 'value' form: spaces around =, quotes, backslash escapes.
func parseKeyValue(s, source string) (pairs []pair, err error) {
	const space = " \t\n\r\v\f"
	afterPassword := false
	for s = strings.TrimLeft(s, space); s != ""; s = strings.TrimLeft(s, space) {
		key, rest, ok := strings.Cut(s, "=")
		key = strings.TrimRight(key, space)
		if !ok || key == "" || strings.ContainsAny(key, space) {
			return nil, fmt.Errorf("the connection string is neither a URL nor key=value pairs (a value with spaces needs quotes; %s)", encodeAdvice)
		}
		value, tail, err := keyValue(strings.TrimLeft(rest, space))
		if err != nil {
			return nil, err
		}
		pairs = append(pairs, pair{key, value, source, afterPassword})
		s, afterPassword = tail, key == "password" || key == "sslpassword"
	}
	return pairs, nil
}

// keyValue reads one value and returns what follows it.
func keyValue(s string) (value, rest string, err error) {
	quoted := strings.HasPrefix(s, "'")
	if quoted {
		s = s[1:]
	}
	var out strings.Builder
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\':
			if i++; i < len(s) {
				out.WriteByte(s[i])
			}
		case quoted && c == '\'':
			return out.String(), s[i+1:], nil
		case !quoted && strings.IndexByte(" \t\n\r\v\f", c) >= 0:
			return out.String(), s[i:], nil
		default:
			out.WriteByte(c)
		}
	}
	if quoted {
		return "", "", errors.New("a quoted value of the connection string has no closing quote")
	}
	return out.String(), "", nil
}
