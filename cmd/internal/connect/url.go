package connect

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
)

var errURL = errors.New("the connection URL cannot be read: " + encodeAdvice)

// parseURL reads what follows the scheme as libpq does: user:password@host:port,…/dbname?key=value. A raw @ after the
// user information is refused although libpq takes it: it is nearly always a password that was not encoded, and the
// piece of it that lands in the host name would be printed by the resolver.
func parseURL(s, source string) ([]pair, error) {
	var pairs []pair
	add := func(key, raw string) error {
		value, err := url.PathUnescape(raw) // + stays +, as in libpq
		if err != nil || strings.ContainsRune(value, 0) {
			return errURL
		}
		pairs = append(pairs, pair{key: key, value: value, source: source})
		return nil
	}
	if i := strings.IndexAny(s, "@/"); i >= 0 && s[i] == '@' {
		user, password, has := strings.Cut(s[:i], ":")
		s = s[i+1:]
		if err := add("user", user); err != nil {
			return nil, err
		}
		if has {
			if err := add("password", password); err != nil {
				return nil, err
			}
		}
		pairs = dropEmpty(pairs)
	}
	s, query, _ := strings.Cut(s, "?")
	authority, path, _ := strings.Cut(s, "/")
	if strings.Contains(authority, "@") || strings.Contains(path, "@") {
		return nil, errURL
	}
	hosts, ports, err := splitHosts(authority)
	if err != nil {
		return nil, err
	}
	for _, kv := range [][2]string{{"host", hosts}, {"port", ports}, {"dbname", path}} {
		if strings.Trim(kv[1], ",") == "" {
			continue
		}
		if err := add(kv[0], kv[1]); err != nil {
			return nil, err
		}
	}
	inQuery, err := parseQuery(query, source)
	return append(pairs, inQuery...), err
}

func dropEmpty(pairs []pair) (kept []pair) {
	for _, p := range pairs {
		if p.value != "" {
			kept = append(kept, p)
		}
	}
	return kept
}

// splitHosts parts a list of host[:port] into libpq's two lists; [::1] is an address of IPv6.
func splitHosts(authority string) (hosts, ports string, err error) {
	var hostList, portList []string
	for element := range strings.SplitSeq(authority, ",") {
		var host, port string
		if strings.HasPrefix(element, "[") {
			inside, after, ok := strings.Cut(element[1:], "]")
			address, _, _ := strings.Cut(inside, "%25") // the zone of a link-local address
			if !ok || net.ParseIP(address) == nil || after != "" && after[0] != ':' {
				return "", "", errURL
			}
			host, port = inside, strings.TrimPrefix(after, ":")
		} else {
			host, port, _ = strings.Cut(element, ":")
			if strings.Contains(host, "#") {
				return "", "", errURL
			}
		}
		// What stands in the place of the port may be a piece of a password.
		if strings.Trim(port, "0123456789") != "" {
			return "", "", errURL
		}
		hostList, portList = append(hostList, host), append(portList, port)
	}
	return strings.Join(hostList, ","), strings.Join(portList, ","), nil
}

func parseQuery(query, source string) (pairs []pair, err error) {
	if query == "" {
		return nil, nil
	}
	// With an @ in it the query may be the rest of a password that held a question mark.
	suspicious := strings.Contains(query, "@")
	for part := range strings.SplitSeq(query, "&") {
		rawKey, rawValue, ok := strings.Cut(part, "=")
		key, errKey := url.PathUnescape(rawKey)
		value, errValue := url.PathUnescape(rawValue)
		if !ok || errKey != nil || errValue != nil || strings.ContainsRune(value, 0) {
			return nil, errURL
		}
		p := pair{key, value, source, suspicious || len(pairs) > 0 && isPassword(pairs[len(pairs)-1].key)}
		if key == "ssl" {
			if p, err = sslAlias(p); err != nil {
				return nil, err
			}
		}
		pairs = append(pairs, p)
	}
	return pairs, nil
}

func isPassword(key string) bool { return key == "password" || key == "sslpassword" }

// sslAlias reads ssl=true, which libpq takes in URLs for sslmode=require, and the spellings of other drivers.
func sslAlias(p pair) (pair, error) {
	p.key = "sslmode"
	switch p.value {
	case "true", "1", "require":
		p.value = "require"
	case "false", "0", "disable":
		p.value = "disable"
	default:
		return p, fmt.Errorf("ssl in %s must be true or false; sslmode has finer words", p.source)
	}
	return p, nil
}
