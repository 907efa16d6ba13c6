package fleet

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/pleatdb/pleat/cmd/internal/connect"
)

// Target is one place where a command runs.
type Target struct {
	// Name is what people call it: unique in the fleet.
	Name string
	// Schema is the schema that stands for the template; empty where the target is a database.
	Schema string
	// Database is the name of the database on the environment's server; empty for the environment's own.
	Database string
	// URL is a connection string of its own; it stands above the environment's.
	URL connect.Secret
	// Trusted says that the project file itself names the target. Others may not use this machine's files and passwords.
	Trusted bool
}

// Resolve makes targets of rows and refuses what cannot be meant: no name, a name twice, a place twice, or no place at all. place
// fills in what the environment's attributes say. With a template every target must be a schema.
func Resolve(rows []Row, trusted bool, template string, place func(*Row) error) ([]Target, error) {
	names, places := map[string]bool{}, map[[3]string]string{}
	out := make([]Target, 0, len(rows))
	var errs []error
	for i, row := range rows {
		if row.Name == "" {
			row.Name = firstOf(row.Schema, row.Database, fmt.Sprintf("target %d", i+1))
		}
		if err := place(&row); err != nil {
			return nil, err
		}
		where := [3]string{row.Schema, row.Database, row.URL}
		switch problem := wrong(row, template); {
		case problem != "":
			errs = append(errs, fmt.Errorf("target %q %s", row.Name, problem))
			continue
		case names[row.Name]:
			errs = append(errs, fmt.Errorf("two targets are called %q", row.Name))
			continue
		case places[where] != "":
			errs = append(errs, fmt.Errorf("targets %q and %q are the same place", places[where], row.Name))
			continue
		}
		names[row.Name], places[where] = true, row.Name
		out = append(out, Target{Name: row.Name, Schema: row.Schema, Database: row.Database, URL: connect.NewSecret(row.URL), Trusted: trusted})
	}
	if err := first(errs); err != nil {
		return nil, err
	}
	slices.SortFunc(out, func(a, b Target) int { return strings.Compare(a.Name, b.Name) })
	return out, nil
}

// wrong says what keeps a row from being a target; empty when nothing does.
func wrong(row Row, template string) string {
	const longest = 63 // bytes of a name of PostgreSQL
	switch {
	case strings.ContainsRune(row.Name+row.Schema+row.Database+row.URL, 0):
		return "holds a zero byte"
	case len(row.Schema) > longest || len(row.Database) > longest:
		return "has a name of more than 63 bytes, which PostgreSQL would cut"
	case template != "" && row.Schema == "":
		return "has no schema: with a template every target is a schema; give a column schema, or say schema = target.name"
	case template == "" && row.Schema != "":
		return "is a schema, and the block says no template: the name of the schema for which the migrations are written"
	case row.Schema == "" && row.Database == "" && row.URL == "":
		return "has no place: give it a database, a schema or a url, or say database = target.name in the block"
	case row.Schema == "pleat" || strings.HasPrefix(row.Schema, "pg_") || row.Schema == "information_schema":
		return "is a schema that belongs to the system or to pleat"
	}
	return ""
}

// first are the first of many errors.
func first(errs []error) error {
	const most = 5
	if len(errs) > most {
		errs = append(errs[:most:most], fmt.Errorf("and %d more", len(errs)-most))
	}
	return errors.Join(errs...)
}

func firstOf(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

// Part is one of Of parts of a fleet, counted from 0. The zero value is the whole.
type Part struct{ Index, Of int }

// ParsePart reads "i/n".
func ParsePart(text string) (Part, error) {
	index, of, ok := strings.Cut(text, "/")
	i, errIndex := strconv.Atoi(index)
	n, errOf := strconv.Atoi(of)
	switch {
	case !ok || errIndex != nil || errOf != nil || n < 1 || i < 0:
		return Part{}, fmt.Errorf("%q is no part: it is i/n, such as 0/8", text)
	case i >= n:
		return Part{}, fmt.Errorf("there is no part %d of %d: parts are counted from 0 to %d", i, n, n-1)
	}
	return Part{i, n}, nil
}

// Whole reports whether it is everything.
func (p Part) Whole() bool { return p.Of <= 1 }

// Has reports whether the target of that name belongs to the part: the first eight bytes of the name's SHA-256, as a number, modulo the
// number of parts.
func (p Part) Has(name string) bool {
	if p.Whole() {
		return true
	}
	sum := sha256.Sum256([]byte(name))
	return binary.BigEndian.Uint64(sum[:8])%uint64(p.Of) == uint64(p.Index)
}

// CheckPattern says whether a pattern of names can be read.
func CheckPattern(pattern string) error {
	_, err := path.Match(pattern, "")
	return err
}

// Choose finds targets by names or patterns. A name that is a target's own is that target, whatever characters it has. What matches
// nothing is an error.
func Choose(all []Target, wanted []string) ([]Target, error) {
	chosen := map[string]bool{}
	var errs []error
	for _, w := range wanted {
		found := false
		if i := slices.IndexFunc(all, func(t Target) bool { return t.Name == w }); i >= 0 {
			chosen[w], found = true, true
		} else {
			for _, t := range all {
				if ok, err := path.Match(w, t.Name); err == nil && ok {
					chosen[t.Name], found = true, true
				}
			}
		}
		if !found {
			errs = append(errs, fmt.Errorf("no target is called %q", w))
		}
	}
	if err := first(errs); err != nil {
		return nil, err
	}
	return slices.DeleteFunc(slices.Clone(all), func(t Target) bool { return !chosen[t.Name] }), nil
}

// compareHash orders names by their SHA-256.
func compareHash(a, b string) int {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return strings.Compare(string(x[:]), string(y[:]))
}

// IsPattern reports whether a text may match several names.
func IsPattern(text string) bool { return strings.ContainsAny(text, "*?[") }

// Sample names a few targets.
func Sample(all []Target) string {
	const few = 3
	var names []string
	for _, t := range all[:min(few, len(all))] {
		names = append(names, strings.Join(strings.Fields(t.Name), " "))
	}
	text := fmt.Sprintf("%d targets: %s", len(all), strings.Join(names, ", "))
	if len(all) > few {
		text += ", …"
	}
	return text
}
