package migration

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const forTemplate = `-- pleat: migration 20260101000000 notes
-- pleat: scope aa → bb
-- pleat: object table tpl.notes
-- pleat: object function tpl.f(tpl.mood)
-- pleat: proven up and down on PostgreSQL 17.6

-- pleat: up

-- pleat: step 1 create table tpl.notes
CREATE TABLE tpl.notes (id bigint PRIMARY KEY, body text);
-- pleat: step 2 fill
-- pleat: batch table=tpl.notes key=id size=500
UPDATE tpl.notes SET body = 'x' WHERE body IS NULL;

-- pleat: down

-- pleat: undo 1
DROP TABLE tpl.notes;
`

func TestDirectoryOnAnotherSchema(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "20260101000000_notes.sql"), []byte(forTemplate), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := Rehash(dir); err != nil {
		t.Fatal(err)
	}
	d, err := ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"t1", `a"b`, "line\nbreak"} {
		moved, err := d.In("tpl", name)
		if err != nil {
			t.Fatalf("%q: %v", name, err)
		}
		if err := moved.Validate(); err != nil {
			t.Errorf("%q: %v", name, err)
		}
		f := moved.Files[0]
		m, err := f.Parse()
		if err != nil {
			t.Fatalf("%q: %v\n%s", name, err, f.Text)
		}
		if f.Checksum == d.Files[0].Checksum || f.Checksum != Checksum(f.Text) {
			t.Errorf("%q: the checksum is not that of the text that runs", name)
		}
		if m.Objects[0].Schema != name || !strings.Contains(m.Objects[1].Args, ".mood") || strings.Contains(m.Objects[1].Args, "tpl") {
			t.Errorf("%q: objects are %v", name, m.Objects)
		}
		if m.Before != "aa" || m.Steps[1].Batch == nil || strings.Contains(m.Steps[1].Batch.Table, "tpl") || strings.Contains(m.Steps[1].Statements[0].SQL, "tpl.") {
			t.Errorf("%q: %+v", name, m.Steps[1])
		}
		again, err := d.In("tpl", name)
		if err != nil || again.Files[0].Checksum != f.Checksum {
			t.Errorf("%q: a second time it is another text", name)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "20260101000000_notes.sql"), []byte(forTemplate+"-- edited\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if d, err = ReadDir(dir); err != nil {
		t.Fatal(err)
	}
	if _, err := d.In("tpl", "t1"); err == nil || !strings.Contains(err.Error(), "edited") {
		t.Errorf("an edited file is taken: %v", err)
	}
}
