package connect

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// servicePairs are the entries of a service: from the file named by servicefile or PGSERVICEFILE, else from
// ~/.pg_service.conf, else from PGSYSCONFDIR/pg_service.conf. path is the file that has it.
func servicePairs(name, file string, env Lookup) (pairs []pair, path string, err error) {
	candidates := []string{file}
	if file == "" {
		file = env("PGSERVICEFILE")
		candidates = []string{file}
	}
	if file == "" {
		candidates = []string{homeFile(env, ".pg_service.conf", ".pg_service.conf")}
	}
	if dir := env("PGSYSCONFDIR"); dir != "" {
		candidates = append(candidates, filepath.Join(dir, "pg_service.conf"))
	}
	for i, path := range candidates {
		pairs, found, err := readService(path, name)
		if errors.Is(err, fs.ErrNotExist) && (file == "" || i > 0) {
			continue
		}
		if err != nil {
			return nil, "", fmt.Errorf("read service file %s: %w", path, err)
		}
		if found {
			return pairs, path, nil
		}
	}
	return nil, "", fmt.Errorf("service %q is not defined (read %s)", name, strings.Join(candidates, ", "))
}

// readService finds one section. The errors name a line by its number, never by its text.
func readService(path, name string) (pairs []pair, found bool, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, false, withoutPath(err)
	}
	defer f.Close()
	source := fmt.Sprintf("service %s of %s", name, path)
	lines := bufio.NewScanner(f)
	for number := 1; lines.Scan(); number++ {
		line := strings.TrimSpace(lines.Text())
		switch {
		case line == "" || line[0] == '#':
		case line[0] == '[':
			if found {
				return pairs, true, nil
			}
			found = line == "["+name+"]"
		case !found:
		case strings.HasPrefix(line, "ldap"):
			return nil, false, fmt.Errorf("line %d: pleat does not look services up in LDAP", number)
		default:
			key, value, ok := strings.Cut(line, "=")
			key, value = strings.TrimSpace(key), strings.TrimSpace(value)
			if !ok {
				return nil, false, fmt.Errorf("line %d: there is no = in it", number)
			}
			if key == "service" || key == "servicefile" {
				return nil, false, fmt.Errorf("line %d: a service cannot name another service", number)
			}
			pairs = append(pairs, pair{key: key, value: value, source: source})
		}
	}
	return pairs, found, lines.Err()
}

func withoutPath(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}
