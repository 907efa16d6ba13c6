package backup

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/pleatdb/pleat/schema"
)

const (
	manifestFormat = 1
	manifestName   = "manifest.json"
)

// Manifest says what a backup holds. It is written when everything was read back, and holds no secret and no row.
type Manifest struct {
	Format  int       `json:"format"`
	Run     string    `json:"run"`
	Command string    `json:"command"`
	Taken   time.Time `json:"taken"`
	Tool    string    `json:"tool"`
	// Migrations are the files of the run, Versions their versions.
	Migrations []string `json:"migrations"`
	Versions   []string `json:"versions"`
	Database   Identity `json:"database"`
	// ServerVersion is the server's own word.
	ServerVersion string `json:"server_version"`
	// LSN is where the write-ahead log was when the snapshot was taken, At the server's clock then.
	LSN string    `json:"lsn"`
	At  time.Time `json:"at"`
	// Point is the named restore point, nil where there is none.
	Point *Point `json:"restore_point,omitempty"`
	// Tables are the tables that were touched, with what was kept of each.
	Tables []TableBackup `json:"tables"`
	Files  []File        `json:"files"`
	// Program is the base name of the user's command, empty without one.
	Program string `json:"program,omitempty"`
	// NotCovered says what this backup does not bring back, one sentence each.
	NotCovered []string `json:"not_covered"`
}

// Identity tells databases apart: the cluster's system identifier, where it may be read, and the name. Home is the schema of the history where it is
// that of one schema among many ([history.HomeOf]).
type Identity struct {
	System string `json:"system,omitempty"`
	Name   string `json:"name"`
	Home   string `json:"home,omitempty"`
}

// is reports whether two identities are of one database. A role that may not read the system identifier must still see its backups.
func (id Identity) is(other Identity) bool {
	return id.Name == other.Name && id.Home == other.Home && (id.System == other.System || id.System == "" || other.System == "")
}

// Point is a named restore point.
type Point struct {
	Name string `json:"name"`
	LSN  string `json:"lsn"`
	// Useful says whether the server archives its log; Why says what is known about that.
	Useful bool   `json:"useful"`
	Why    string `json:"why"`
}

// TableBackup is what was kept of one table.
type TableBackup struct {
	Schema string `json:"schema"`
	Name   string `json:"name"`
	OID    uint32 `json:"oid"`
	// Reasons are the statements that made it part of the backup.
	Reasons []string `json:"reasons"`
	Columns []Column `json:"columns"`
	// Copy is the copy of its rows in the database, Data its rows in the archive, by partition.
	Copy *Copy  `json:"copy,omitempty"`
	Data []Data `json:"data,omitempty"`
}

// ID is the table's name in the model.
func (t *TableBackup) ID() schema.ID {
	return schema.ID{Kind: schema.KindTable, Schema: t.Schema, Name: t.Name}
}

// Column is a column of a table as it was.
type Column struct {
	Name string `json:"name"`
	Type string `json:"type"`
	// Generated columns are in no archive and are never put back.
	Generated bool `json:"generated,omitempty"`
	// foreign types are not PostgreSQL's own: their copy is text.
	foreign bool
	// collated columns have a collation of the user's.
	collated bool
}

// Copy is a table in the schema pleat_backup.
type Copy struct {
	Table string `json:"table"`
	// Key are the columns that tell rows apart; without any, rows can only be restored beside the table.
	Key []string `json:"key"`
	// Columns are those that were copied beside the key; Whole is set where that is all of them.
	Columns []string `json:"columns"`
	Whole   bool     `json:"whole"`
	Rows    int64    `json:"rows"`
	// Digest is a sum over the hashes of the rows, which does not depend on their order.
	Digest string `json:"digest"`
}

// Data are the rows of one table, or of one partition, in the archive.
type Data struct {
	Schema  string   `json:"schema"`
	Name    string   `json:"name"`
	OID     uint32   `json:"oid"`
	Columns []string `json:"columns"`
	Rows    int64    `json:"rows"`
}

// File is one file beside the manifest.
type File struct {
	Name string `json:"name"`
	// Kind is tables, schema, or command for what the user's command left.
	Kind   string `json:"kind"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
	// Program is the version of what wrote it.
	Program string `json:"program"`
}

// encode gives the manifest's text and the text's digest.
func (m *Manifest) encode() (text []byte, digest string, err error) {
	text, err = json.MarshalIndent(m, "", "  ")
	if err != nil {
		return nil, "", fmt.Errorf("encode the manifest: %w", err)
	}
	text = append(text, '\n')
	sum := sha256.Sum256(text)
	return text, hex.EncodeToString(sum[:]), nil
}

// readManifest reads the manifest of a backup and its digest.
func readManifest(dir string) (*Manifest, string, error) {
	text, err := os.ReadFile(filepath.Join(dir, manifestName))
	if err != nil {
		return nil, "", fmt.Errorf("read the manifest: %w", err)
	}
	m := &Manifest{}
	if err := json.Unmarshal(text, m); err != nil {
		return nil, "", fmt.Errorf("read the manifest %s: %w", filepath.Join(dir, manifestName), err)
	}
	if m.Format != manifestFormat {
		return nil, "", fmt.Errorf("read the manifest %s: its format %d is not known to this version of pleat", filepath.Join(dir, manifestName), m.Format)
	}
	sum := sha256.Sum256(text)
	return m, hex.EncodeToString(sum[:]), nil
}

// digestOf is a file's size and SHA-256.
func digestOf(path string) (size int64, digest string, err error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, "", fmt.Errorf("read a file of the backup: %w", err)
	}
	defer f.Close()
	sum := sha256.New()
	if size, err = io.Copy(sum, f); err != nil {
		return 0, "", fmt.Errorf("read a file of the backup: %w", err)
	}
	return size, hex.EncodeToString(sum.Sum(nil)), nil
}

// verifyFiles compares the files beside a manifest with what it says about them.
func (m *Manifest) verifyFiles(dir string) error {
	for _, f := range m.Files {
		if !filepath.IsLocal(f.Name) {
			return &Error{Doing: "verify the backup", Reason: fmt.Sprintf("%q is no file of the backup", f.Name), Next: "it must not be restored from"}
		}
		size, digest, err := digestOf(filepath.Join(dir, f.Name))
		if err != nil {
			return err
		}
		if size != f.Size || digest != f.SHA256 {
			return &Error{Doing: "verify the backup", Reason: fmt.Sprintf("%s is not as it was written: %d bytes, SHA-256 %s; the manifest says %d bytes, %s",
				filepath.Join(dir, f.Name), size, digest, f.Size, f.SHA256), Next: "it must not be restored from"}
		}
	}
	return nil
}
