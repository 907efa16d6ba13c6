package legacy

import (
	"context"
	"math"
	"time"
)

// Importer knows one tool.
type Importer interface {
	Tool() Tool
	// Find gives the tool's histories among the tables of a database, empty ones included.
	Find(ctx context.Context, db *Database) ([]Source, error)
	// Keys are those of the advisory locks (one bigint each) that the tool holds while it runs on this history. Locks in tables are for
	// Read to look at.
	Keys(db *Database, s *Source) []int64
	// Read turns rows into h.Entries in the tool's order, h.Markers and h.Problems. It leaves the files alone. An error means that the
	// database could not be asked.
	Read(ctx context.Context, q *Reader, h *History) error
	// Files lists the tool's migrations in a directory, in the order in which the tool would run them. The directory may be that of the
	// migrations or one above it. Entries are in h already. What it finds wrong it adds to h.Problems or h.Notes.
	Files(d *Dir, h *History) ([]File, error)
	// Verify holds the file of an entry against what the tool recorded. It is called only where there is a file and the entry's own
	// file state is empty. reason says why the result is not [FileVerified].
	Verify(e *Entry, f *File, h *History) (state FileState, reason string)
}

// Inferrer is an importer whose tool keeps only the current position, or less than what the files tell. Infer is called when h.Files is
// known (empty where no directory was given) and may replace h.Entries.
type Inferrer interface {
	Infer(h *History)
}

// importers are all that there are; each is in the file of its tool.
func importers() []Importer {
	return []Importer{
		alembic{},
		atlas{},
		bun{},
		bytebase{},
		dbmate{},
		dbMigrate{},
		diesel{},
		django{},
		doctrine{},
		drizzle{},
		ecto{},
		efCore{},
		evolve{},
		flyway{},
		golangMigrate{},
		goose{},
		gormigrate{},
		graphile{},
		hasura{},
		knex{},
		kysely{},
		laravel{},
		liquibase{},
		mikroORM{},
		nodePgMigrate{},
		pgmigrate{},
		pgroll{},
		phinx{},
		postgresMigrations{},
		prisma{},
		rails{},
		refinery{},
		sequelize{},
		sequel{},
		sqitch{},
		sqlMigrate{},
		sqlx{},
		supabase{},
		tern{},
		typeORM{},
		yoyo{},
	}
}

// importerOf finds the importer of a tool.
func importerOf(t Tool) Importer {
	for _, i := range importers() {
		if i.Tool() == t {
			return i
		}
	}
	return nil
}

// codeOnly is embedded by importers of tools that take no lock that could be looked for and keep no checksums.
type codeOnly struct{ unlocked }

// Verify finds nothing that the file could be held against.
func (codeOnly) Verify(*Entry, *File, *History) (FileState, string) {
	return FileUnverifiable, "the tool keeps no checksums"
}

// unlocked is embedded by importers of tools without an advisory lock.
type unlocked struct{}

// Keys are none.
func (unlocked) Keys(*Database, *Source) []int64 { return nil }

// millis is a duration in milliseconds, as entries have it; nil where it would be longer than a duration can be.
func millis(n int64) *time.Duration {
	if n > math.MaxInt64/int64(time.Millisecond) {
		return nil
	}
	d := time.Duration(n) * time.Millisecond
	return &d
}
