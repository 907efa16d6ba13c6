package connect

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
)

// passwordFor looks the endpoints up in a password file. note is set when the file exists and must not be used.
func passwordFor(path string, endpoints []endpoint, database, user string) (password Secret, note string, err error) {
	info, err := os.Stat(path)
	if path == "" || err != nil {
		return Secret{}, "", nil // as libpq: a file that is not there is no error
	}
	if !info.Mode().IsRegular() {
		return Secret{}, fmt.Sprintf("the password file %s is not a plain file and was not read", path), nil
	}
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		return Secret{}, fmt.Sprintf("the password file %s can be read by others (mode %04o) and was not read: chmod 600 it", path, info.Mode().Perm()), nil
	}
	src, err := os.ReadFile(path)
	if err != nil {
		return Secret{}, fmt.Sprintf("the password file %s cannot be read", path), nil
	}
	found := ""
	for i, e := range endpoints {
		p := findPassword(string(src), e, database, user)
		if i > 0 && p != found {
			return Secret{}, "", errors.New("the password file has different passwords for the hosts of the list: name one host, or give the password by PGPASSWORD")
		}
		found = p
	}
	return NewSecret(found), "", nil
}

func findPassword(src string, e endpoint, database, user string) string {
	hosts := []string{e.host}
	if isSocket(e.host) {
		hosts = append(hosts, "localhost")
	}
	for line := range strings.SplitSeq(src, "\n") {
		line = strings.TrimSuffix(line, "\r")
		if strings.HasPrefix(line, "#") {
			continue
		}
		fields := passFields(line)
		if len(fields) < 5 {
			continue
		}
		hostMatches := false
		for _, host := range hosts {
			hostMatches = hostMatches || matches(fields[0], host)
		}
		if hostMatches && matches(fields[1], strconv.Itoa(int(e.port))) && matches(fields[2], database) && matches(fields[3], user) {
			return fields[4]
		}
	}
	return ""
}

func matches(field, value string) bool { return field == "*" || field == value }

// passFields splits a line at its colons; a backslash takes the next character as it is. What follows a fifth colon is
// ignored, as in libpq.
func passFields(line string) (fields []string) {
	var field strings.Builder
	for i := 0; i < len(line); i++ {
		switch {
		case line[i] == '\\' && i+1 < len(line):
			i++
			field.WriteByte(line[i])
		case line[i] == ':':
			fields = append(fields, field.String())
			field.Reset()
		default:
			field.WriteByte(line[i])
		}
	}
	return append(fields, field.String())
}
