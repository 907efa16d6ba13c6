package connect

import "strings"

// MaskText replaces what looks like a secret in a text of another program: the password in a URL, and the value of a key that is
// called password, token, secret or the like. It cannot know every form; known secrets are masked by value elsewhere.
func MaskText(text string) string {
	var out strings.Builder
	for len(text) > 0 {
		start, end := nextSecret(text)
		if start < 0 {
			break
		}
		out.WriteString(text[:start] + redacted)
		text = text[end:]
	}
	return out.String() + text
}

// PasswordOf is the password in a connection string as it is written there; empty where there is none.
func PasswordOf(text string) string {
	start, end := userinfoPassword(text)
	if start < 0 {
		return ""
	}
	return text[start:end]
}

// nextSecret finds the first place that is to be masked.
func nextSecret(text string) (start, end int) {
	start, end = userinfoPassword(text)
	if s, e := keyedSecret(text); s >= 0 && (start < 0 || s < start) {
		start, end = s, e
	}
	return start, end
}

// userinfoPassword finds the password of scheme://user:password@host. As people write them unencoded, the last @ before the end of
// the word counts.
func userinfoPassword(text string) (start, end int) {
	for from := 0; ; {
		i := strings.Index(text[from:], "://")
		if i < 0 {
			return -1, -1
		}
		from += i + len("://")
		word := text[from:]
		if n := strings.IndexAny(word, " \t\r\n\"'<>`"); n >= 0 {
			word = word[:n]
		}
		at, colon := strings.LastIndexByte(word, '@'), strings.IndexByte(word, ':')
		if colon >= 0 && at > colon+1 && word[colon+1:at] != redacted {
			return from + colon + 1, from + at
		}
	}
}

// secretKeys are the ends of names of keys whose values are masked.
var secretKeys = []string{"password", "passwd", "pgpass", "secret", "token", "secret_id", "secretkey", "secret_key", "access_key", "accesskey", "apikey", "api_key", "credential", "authorization", "bearer"}

// keyedSecret finds the value of key=value, key: value and "key": "value".
func keyedSecret(text string) (start, end int) {
	lower := strings.ToLower(text)
	best := -1
	for _, key := range secretKeys {
		for from := 0; ; {
			i := strings.Index(lower[from:], key)
			if i < 0 {
				break
			}
			from += i + len(key)
			if s, e := valueAfter(text, from, key == "bearer"); s >= 0 && (best < 0 || s < best) {
				best, end = s, e
				break
			}
		}
	}
	return best, end
}

// valueAfter finds the value that follows a key: behind = or :, in quotes or up to the next space.
func valueAfter(text string, at int, bare bool) (start, end int) {
	i := at
	skip := func(set string) {
		for i < len(text) && strings.IndexByte(set, text[i]) >= 0 {
			i++
		}
	}
	skip("\"' ")
	if i < len(text) && (text[i] == '=' || text[i] == ':') && !strings.HasPrefix(text[i:], "://") {
		i++
	} else if !bare || i == at {
		return -1, -1
	}
	skip(" ")
	for _, scheme := range []string{"bearer ", "basic "} {
		if len(text)-i > len(scheme) && strings.EqualFold(text[i:i+len(scheme)], scheme) {
			i += len(scheme)
		}
	}
	stop := " \t\r\n&,;\"'}"
	if i < len(text) && (text[i] == '"' || text[i] == '\'') {
		stop = text[i : i+1]
		i++
	}
	end = i
	for end < len(text) && strings.IndexByte(stop, text[end]) < 0 {
		end++
	}
	if end == i || text[i:end] == redacted {
		return -1, -1
	}
	return i, end
}
