package connect

import (
	"fmt"
	"slices"
	"strings"
)

// settings are the effective keys of a target. The two secrets are beside the map, so that no print of it shows them.
type settings struct {
	values      map[string]string
	password    Secret
	sslPassword Secret
	session     []sessionSetting // in the order in which they are made
	notes       []string
}

// sessionSetting is a server setting that the user asked for.
type sessionSetting struct{ name, value string }

// collect merges the sources by libpq's precedence (connection string, service, environment) and judges every key
// that is in effect.
func collect(conninfo []pair, env Lookup) (*settings, error) {
	effective := map[string]pair{}
	var order []string
	merge := func(pairs []pair) {
		for _, p := range pairs {
			if _, ok := effective[p.key]; !ok {
				order = append(order, p.key)
			}
			effective[p.key] = p
		}
	}
	environment := environmentPairs(env)
	merge(environment)
	service, serviceFile := env("PGSERVICE"), ""
	for _, p := range conninfo {
		switch p.key {
		case "service":
			service = p.value
		case "servicefile":
			serviceFile = p.value
		}
	}
	s := &settings{values: map[string]string{}}
	if service != "" {
		pairs, path, err := servicePairs(service, serviceFile, env)
		if err != nil {
			return nil, err
		}
		merge(pairs)
		s.values["service"], s.values["servicefile"] = service, path
	}
	merge(conninfo)
	for _, key := range order {
		if err := s.take(effective[key]); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// take judges one key by the table.
func (s *settings) take(p pair) error {
	r, known := ruleOf(p.key)
	if !known {
		return unknownKey(p.key, p.source, p.mayBeSecret)
	}
	switch r.class {
	case refused:
		if p.value == "" || slices.Contains(r.harmless, p.value) {
			return nil
		}
		return fmt.Errorf("%s in %s is not supported: %s", p.key, p.source, r.why)
	case foreign:
		s.notes = append(s.notes, fmt.Sprintf("%s in %s is ignored: %s", p.key, p.source, r.why))
	case bySession:
		s.session = append(s.session, sessionSetting{p.key, p.value})
	default:
		return s.keep(p)
	}
	return nil
}

func (s *settings) keep(p pair) error {
	switch p.key {
	case "password":
		s.password = NewSecret(p.value)
	case "sslpassword":
		s.sslPassword = NewSecret(p.value)
	case "service", "servicefile":
	case "options":
		return s.takeOptions(p)
	case "requiressl":
		if p.value == "1" && s.values["sslmode"] == "" {
			s.values["sslmode"] = "require"
		}
	default:
		s.values[p.key] = p.value
	}
	return nil
}

// takeOptions reads the -c name=value and --name=value of a server's command line. Other switches of postgres are
// refused: they cannot be made in a running session. An endpoint of Neon is dropped, since TLS names it by SNI.
func (s *settings) takeOptions(p pair) error {
	words := splitOptions(p.value)
	for i := 0; i < len(words); i++ {
		word := words[i]
		switch {
		case word == "-c" && i+1 < len(words):
			i++
			word = words[i]
		case strings.HasPrefix(word, "-c") && len(word) > 2:
			word = word[2:]
		case strings.HasPrefix(word, "--"):
			word = word[2:]
		case strings.HasPrefix(word, "endpoint=") || strings.HasPrefix(word, "project="):
			s.notes = append(s.notes, fmt.Sprintf("the endpoint in options of %s is ignored: the server name of TLS says it", p.source))
			continue
		default:
			return fmt.Errorf("options in %s can hold only -c name=value (or --name=value)", p.source)
		}
		name, value, ok := strings.Cut(word, "=")
		name = strings.ReplaceAll(name, "-", "_")
		if !ok || !isWord(strings.ReplaceAll(name, ".", "_")) {
			return fmt.Errorf("options in %s can hold only -c name=value (or --name=value)", p.source)
		}
		if strings.EqualFold(name, "search_path") {
			s.notes = append(s.notes, fmt.Sprintf("search_path in options of %s is ignored: %s", p.source, serverKeys["search_path"].why))
			continue
		}
		s.session = append(s.session, sessionSetting{name, value})
	}
	return nil
}

// splitOptions splits at spaces; a backslash takes the next character as it is (PostgreSQL's pg_split_opts).
func splitOptions(s string) (words []string) {
	var word strings.Builder
	inWord := false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case strings.IndexByte(" \t\n\r\v\f", c) >= 0:
			if inWord {
				words = append(words, word.String())
				word.Reset()
				inWord = false
			}
		case c == '\\' && i+1 < len(s):
			i++
			word.WriteByte(s[i])
			inWord = true
		default:
			word.WriteByte(c)
			inWord = true
		}
	}
	if inWord {
		words = append(words, word.String())
	}
	return words
}
