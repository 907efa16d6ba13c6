package legacy_test

import (
	"hash/crc32"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pleatdb/pleat/history/legacy"
)

func TestFlywayFiles(t *testing.T) {
	t.Parallel()
	v1, v2 := fly("1", "one", "SQL", "V1__one.sql", ref(one), true), fly("2", "two", "SQL", "V2__two.sql", ref(two), true)
	for name, c := range map[string]struct {
		rows  []string
		files map[string]string
		want  []string
		note  string
	}{
		"another naming": {
			rows: []string{fly("1", "one", "SQL", "mig-1--one.ddl", ref(one), true), fly("", "the view", "SQL", "again-the_view.ddl", ref(two), true)},
			files: map[string]string{"db/mig-1--one.ddl": one, "db/mig-2--two.ddl": two, "db/again-the_view.ddl": two, "db/again-b.ddl": one,
				"db/V9__not_ours.sql": two, "db/mig-x--y.ddl": two},
			want: []string{"1 applied verified in", "R__the_view repeatable verified in", "pending db/mig-2--two.ddl", "pending db/again-b.ddl"}},
		"a name that says nothing": {
			rows:  []string{v1, fly("2", "renamed by hand", "SQL", "sub/other.sql", ref(two), true)},
			files: map[string]string{"V1__one.sql": one, "x/sub/other.sql": two},
			want:  []string{"1 applied verified in", "2 applied verified in"}},
		"no description": {
			rows:  []string{v1, fly("2", "", "SQL", "V2.sql", ref(two), true)},
			files: map[string]string{"V1__one.sql": one, "V2.sql": two, "Vx.sql": two, "V.sql": two},
			want:  []string{"1 applied verified in", "2 applied verified in"}},
		"two suffixes": {
			rows:  []string{v1, fly("2", "two", "SQL", "V2__two.pgsql", ref(two), true)},
			files: map[string]string{"V1__one.sql": one, "V2__two.pgsql": two, "V3__three.pgsql": three, "notes__x.md": ""},
			want:  []string{"1 applied verified in", "2 applied verified in", "pending V3__three.pgsql"}},
		"copies of a build": {
			rows:  []string{v1},
			files: map[string]string{"src/main/resources/db/migration/V1__one.sql": one, "target/classes/db/migration/V1__one.sql": one, "target/classes/db/migration/V2__two.sql": two, "src/main/resources/db/migration/V2__two.sql": two},
			want:  []string{"1 applied verified in", "pending src/main/resources/db/migration/V2__two.sql"}},
		"locations for several databases": {
			rows:  []string{v1},
			files: map[string]string{"mysql/V1__one.sql": "x", "postgresql/V1__one.sql": one, "mysql/V2__two.sql": "y", "postgresql/V2__two.sql": two},
			want:  []string{"1 applied verified in", "pending postgresql/V2__two.sql"}, note: "mysql/V1__one.sql"},
		"several locations": {
			rows:  []string{v1, v2, fly("", "view", "SQL", "views/R__view.sql", ref(three), true)},
			files: map[string]string{"a/V1__one.sql": one, "b/V2__two.sql": two, "b/views/R__view.sql": three},
			want:  []string{"1 applied verified in", "2 applied verified in", "R__view repeatable verified in"}},
		"settings beside a script": {
			rows:  []string{v1},
			files: map[string]string{"V1__one.sql": one, "V2__two.sql": two, "V2__two.sql.conf": "shouldExecute = false\n", "V3__three.sql": two, "V3__three.sql.conf": "executeInTransaction=false\n"},
			want:  []string{"1 applied verified in", "pending V3__three.sql"}, note: "V2__two.sql"},
		"callbacks": {
			rows: []string{v1}, files: map[string]string{"V1__one.sql": one, "afterMigrate.sql": "x", "beforeEachMigrate__grants.sql": "x"},
			want: []string{"1 applied verified in"}, note: "afterMigrate.sql, beforeEachMigrate__grants.sql"},
		"a class and its source": {
			rows:  []string{fly("1", "one", "JDBC", "db.migration.V1__one", nil, true)},
			files: map[string]string{"src/V1__one.java": "class", "out/V1__one.class": "\xca\xfe", "out/V1__one$1.class": "\xca\xfe"},
			want:  []string{"1 applied unverifiable in"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, h := told(t, flywayTable(c.rows...), legacy.Wanted{}, c.files)
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s\nproblems %v\nnotes %v", diff, h.Problems, h.Notes)
			}
			if notes := strings.Join(h.Notes, "\n"); !strings.Contains(notes, c.note) || c.note == "" && notes != "" {
				t.Errorf("got the notes %q, want one with %q", notes, c.note)
			}
		})
	}
}

// What the reader makes of a script is what Flyway would run.
func TestFlywaySQL(t *testing.T) {
	t.Parallel()
	_, h := told(t, flywayTable(fly("1", "one", "SQL", "V1__one.sql", ref(one), true)), legacy.Wanted{}, map[string]string{
		"V1__one.sql": one, "U1__one.sql": "DROP TABLE a;",
		"V2__two.sql": two, "V2__two.sql.conf": "executeInTransaction=false",
		"V3__three.sql": "CREATE TABLE ${schema}.x (i int);",
		"V4__four.sql":  "CREATE INDEX CONCURRENTLY i ON a (i);\nCREATE INDEX CONCURRENTLY j ON a (i);",
	})
	type shape struct {
		Units, Statements, Back int
		NoTransaction           bool
		Placeholders            []string
	}
	got := map[string]shape{}
	for _, f := range h.Files {
		up := f.SQL.Up
		got[f.Key] = shape{len(up.Units), len(up.Statements()), len(f.SQL.Down.Statements()), up.NoTransaction, up.Placeholders}
	}
	want := map[string]shape{"1": {1, 1, 1, false, nil}, "2": {2, 2, 0, true, nil}, "3": {1, 1, 0, false, []string{"schema"}}, "4": {2, 2, 0, false, nil}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if parts := h.Entries[0].File.Parts; len(parts) != 2 || parts[1].Path != "U1__one.sql" {
		t.Errorf("the way back is no part of the migration: %v", parts)
	}
}

// Flyway takes the checksum of the characters, so that the encoding under which it read the file decides.
func TestFlywayEncodings(t *testing.T) {
	t.Parallel()
	const text = "COMMENT ON TABLE a IS 'caf\u00e9 \u20ac';\n"
	sum := ref(text)
	western := strings.NewReplacer("\u00e9", "\xe9", "\u20ac", "\x80").Replace(text)
	wide := "\xff\xfe"
	for _, r := range text {
		wide += string([]byte{byte(r), byte(r >> 8)})
	}
	misread := "caf\u00c3\u00a9"
	got, h := told(t, flywayTable(fly("1", "a", "SQL", "V1__a.sql", sum, true), fly("2", "b", "SQL", "V2__b.sql", sum, true), fly("3", "c", "SQL", "V3__c.sql", ref(misread), true),
		fly("4", "d", "SQL", "V4__d.sql", sum, true)),
		legacy.Wanted{}, map[string]string{"V1__a.sql": text, "V2__b.sql": western, "V3__c.sql": "caf\u00e9", "V4__d.sql": wide, "V5__e.sql": "SELECT '\xe9'"})
	if diff := cmp.Diff([]string{"1 applied verified in", "2 applied verified in", "3 applied verified in", "4 applied verified in", "pending V5__e.sql"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for i, want := range []string{"", "windows-1252", "ISO-8859-1", "UTF-16"} {
		if note := h.Entries[i].Note; !strings.Contains(note, want) || want == "" && note != "" {
			t.Errorf("entry %d: got the note %q, want %q in it", i+1, note, want)
		}
	}
	if s := h.File("5").SQL.Up.Statements(); len(s) != 1 || s[0].SQL != "SELECT '\u00e9'" {
		t.Errorf("a pending file of another encoding reads %v", s)
	}
}

// The sums of the two generations differ only where lines end.
func TestFlywayRenamedTable(t *testing.T) {
	t.Parallel()
	if crc32.ChecksumIEEE([]byte(one)) == crc32.ChecksumIEEE([]byte(strings.TrimSpace(one))) {
		t.Fatal("the two rules do not differ for this text")
	}
	got, h := told(t, "CREATE SCHEMA ops;"+flywayTableNamed(`ops."Applied Changes"`, fly("1", "one", "SQL", "V1__one.sql", ref(one), true)), legacy.Wanted{}, map[string]string{"V1__one.sql": one})
	if diff := cmp.Diff([]string{"1 applied verified in"}, got); diff != "" || h.Source.String() != `ops."Applied Changes"` {
		t.Errorf("%s: (-want +got):\n%s", &h.Source, diff)
	}
}
