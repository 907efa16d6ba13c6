package foreign

import (
	"os"
	"strings"
)

const sqitchPlan = "sqitch.plan"

func isSqitch(l *listing) bool { return l.has(sqitchPlan) }

// readSqitch reads the changes of sqitch.plan in its order: deploy/NAME.sql with revert/NAME.sql, run by psql.
func readSqitch(l *listing) (out []File) {
	plan, err := os.ReadFile(l.path(sqitchPlan))
	if err != nil {
		l.skip(sqitchPlan, "cannot be read: "+cause(err).Error())
		return nil
	}
	planned := map[string]bool{}
	for _, c := range sqitchChanges(string(plan)) {
		rel, back := "deploy/"+c+".sql", "revert/"+c+".sql"
		planned[rel] = true
		if !l.has(rel) {
			l.skip(rel, "is in "+sqitchPlan+", but there is no such file")
			continue
		}
		if !l.has(back) {
			back = ""
		}
		if !l.wanted(rel, back) {
			continue
		}
		up := l.script(rel)
		up.whole(Single)
		var down *script
		if back != "" {
			down = l.script(back)
			down.whole(Single)
		}
		name, _, _ := strings.Cut(c, "@")
		out = append(out, file(Sqitch, c, name, up, down))
	}
	for _, e := range l.entries {
		if strings.HasPrefix(e.rel, "deploy/") && strings.HasSuffix(e.rel, ".sql") && !planned[e.rel] {
			l.skip(e.rel, "is not in "+sqitchPlan+", so that Sqitch does not run it")
		}
	}
	return out
}

// sqitchChanges are the names of the scripts in the order of the plan. A change that was reworked later has its old script
// under the name of the first tag behind it.
func sqitchChanges(plan string) []string {
	type change struct{ name, tag string }
	var changes []change
	last := map[string]int{}
	for line := range strings.Lines(strings.TrimPrefix(plan, "\ufeff")) {
		line, _, _ = strings.Cut(strings.TrimSpace(line), "#")
		fields := strings.Fields(line)
		if len(fields) > 1 && fields[0] == "+" {
			fields = fields[1:]
		}
		switch {
		case len(fields) == 0, strings.HasPrefix(fields[0], "%"), fields[0] == "-":
		case strings.HasPrefix(fields[0], "@"):
			for i := range changes {
				if changes[i].tag == "" {
					changes[i].tag = fields[0]
				}
			}
		default:
			name := strings.TrimPrefix(fields[0], "+")
			last[name] = len(changes)
			changes = append(changes, change{name: name})
		}
	}
	out := make([]string, len(changes))
	for i, c := range changes {
		out[i] = c.name
		if last[c.name] != i {
			out[i] += c.tag
		}
	}
	return out
}
