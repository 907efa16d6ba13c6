package foreign

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
)

const (
	drizzleJournal = "meta/_journal.json"
	// drizzleBreak ends a statement; what stands between two of them is sent by itself.
	drizzleBreak = "--> statement-breakpoint"
)

func isDrizzle(l *listing) bool {
	return l.has(drizzleJournal) || len(l.children("snapshot.json")) > 0 && len(l.children("migration.sql")) > 0
}

// readDrizzle reads both layouts of Drizzle: TAG.sql in the order of meta/_journal.json, and NAME/migration.sql. Drizzle runs
// all that is pending in one transaction and knows no way back.
func readDrizzle(l *listing) (out []File) {
	for _, rel := range l.drizzleOrder() {
		if !l.wanted(rel) {
			continue
		}
		s := l.script(rel)
		s.delimited(drizzleBreak, Wrapped)
		tag := strings.TrimSuffix(strings.TrimSuffix(rel, "/migration.sql"), ".sql")
		version, name, _ := strings.Cut(tag, "_")
		out = append(out, file(Drizzle, version, name, s, nil))
	}
	return out
}

func (l *listing) drizzleOrder() (out []string) {
	if !l.has(drizzleJournal) {
		for _, dir := range l.children("migration.sql") {
			out = append(out, dir+"/migration.sql")
		}
		return out
	}
	var journal struct {
		Entries []struct {
			Idx int    `json:"idx"`
			Tag string `json:"tag"`
		} `json:"entries"`
	}
	text, err := os.ReadFile(l.path(drizzleJournal))
	if err == nil {
		err = json.Unmarshal(text, &journal)
	}
	if err != nil {
		l.skip(drizzleJournal, "cannot be read, so that the order is that of the names: "+cause(err).Error())
		return l.top()
	}
	slices.SortStableFunc(journal.Entries, func(a, b struct {
		Idx int    `json:"idx"`
		Tag string `json:"tag"`
	}) int {
		return a.Idx - b.Idx
	})
	for _, e := range journal.Entries {
		rel := e.Tag + ".sql"
		if !slices.Contains(l.top(), rel) {
			l.skip(drizzleJournal, "names "+rel+", but there is no such file")
			continue
		}
		out = append(out, rel)
	}
	for _, rel := range l.top() {
		if !slices.Contains(out, rel) {
			l.skip(rel, "is not in "+drizzleJournal+", so that Drizzle does not run it")
		}
	}
	return out
}
