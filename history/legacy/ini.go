package legacy

import "strings"

// readIni reads the sections of a configuration file of the form that Python's configparser takes, which is also that of Git and
// Sqitch: "[name]", "key = value", further lines of a value set in. Keys before the first section are in one without a name.
func readIni(text []byte) map[string]map[string]string {
	out := map[string]map[string]string{}
	section, key := map[string]string{}, ""
	out[""] = section
	for line := range strings.Lines(strings.TrimPrefix(string(text), "\ufeff")) {
		trimmed := strings.TrimSpace(line)
		switch {
		case trimmed == "" || trimmed[0] == '#' || trimmed[0] == ';':
			continue
		case trimmed[0] == '[':
			name := strings.Trim(trimmed, "[]")
			if out[name] == nil {
				out[name] = map[string]string{}
			}
			section, key = out[name], ""
			continue
		}
		name, value, ok := strings.Cut(trimmed, "=")
		if !ok || key != "" && (line[0] == ' ' || line[0] == '\t') && strings.ContainsAny(strings.TrimSpace(name), " /") {
			if key != "" {
				section[key] += "\n" + trimmed
			}
			continue
		}
		if head, _, ok := strings.Cut(value, " #"); ok {
			value = head
		}
		key = strings.ToLower(strings.TrimSpace(name))
		section[key] = strings.Trim(strings.TrimSpace(value), `"`)
	}
	return out
}
