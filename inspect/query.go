package inspect

import (
	"embed"
	"fmt"
	"strconv"
	"strings"
)

//go:embed queries/*.sql
var queryFiles embed.FS

// queryText is the query of one file as a server of the version wants it.
func queryText(name string, version int) (string, error) {
	text, err := queryFiles.ReadFile("queries/" + name + ".sql")
	if err != nil {
		return "", fmt.Errorf("read query: %w", err)
	}
	sql, err := forVersion(string(text), version)
	if err != nil {
		return "", fmt.Errorf("read query %s: %w", name, err)
	}
	return sql, nil
}

const (
	sinceMark = "/*since "
	elseMark  = "/*else "
	markEnd   = "*/"
)

// forVersion adapts a query that is written for the newest server. In
//
//	/*since 14*/ a.attcompression /*else ''*/
//
// a server older than 14 gets what stands in the second comment instead of what stands between the two.
// version is server_version_num.
func forVersion(sql string, version int) (string, error) {
	var out strings.Builder
	for {
		before, rest, found := strings.Cut(sql, sinceMark)
		out.WriteString(before)
		if !found {
			return out.String(), nil
		}
		major, rest, ok1 := strings.Cut(rest, markEnd)
		modern, rest, ok2 := strings.Cut(rest, elseMark)
		old, rest, ok3 := strings.Cut(rest, markEnd)
		since, err := strconv.Atoi(major)
		if !ok1 || !ok2 || !ok3 || err != nil {
			return "", fmt.Errorf("malformed version mark near %.40q", sql)
		}
		if version/10000 >= since {
			out.WriteString(modern)
		} else {
			out.WriteString(old)
		}
		sql = rest
	}
}
