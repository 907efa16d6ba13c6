package hclfile

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/pleatdb/pleat/schema"
)

// Desired is what the files say: the state, and the intent beside it.
type Desired struct {
	// Catalog is the desired state, with text as the user wrote it where the engine alone knows the normal form.
	Catalog *schema.Catalog
	// Ranges says where each object and each column is declared.
	Ranges map[schema.ID]Position
	// NoDefault holds the IDs of defaults that a partition or child table declares away with `default = null`. Where an
	// inherited column says nothing it takes its parent's default.
	NoDefault map[schema.ID]bool
	// Moves are declared renames, in the order of files and lines. Chains are not folded.
	Moves []Move
	// Removed are objects that are no longer managed.
	Removed []Removed
	// Ignore are patterns of objects that are neither read nor touched, such as "audit.*".
	Ignore []string
	// Backfills and Converts are keyed by the address of the column.
	Backfills map[schema.ID]Backfill
	Converts  map[schema.ID]Convert
	// Strategies say how objects and columns change, where the files say it: [InPlace] or [Online].
	Strategies map[schema.ID]string
	// Files are the parsed files by path, whose bytes are the snippets of diagnostics.
	Files map[string]*hcl.File
	// Mask replaces the texts of sensitive variables in anything that is about to be printed.
	Mask func(string) string
	// texts and bodies wait for [Desired.ReadTexts].
	texts, bodies []lateText
}

// The values of [Desired].Strategies.
const (
	InPlace = "in_place" // where it stands, whatever that locks
	Online  = "online"   // by steps that stop nobody for long, also where the table around it is changed in place
)

// Move is a rename: a moved block, or the argument renamed_from.
type Move struct {
	From, To schema.ID
	// Strategy is "expand_contract", "in_place", or empty where the file leaves it to the planner.
	Strategy string
	Range    hcl.Range
}

// Removed is a removed block.
type Removed struct {
	ID schema.ID
	// Destroy drops the object; otherwise it stays in the database and is no longer managed.
	Destroy bool
	// AtOnce drops it without a time in the trash.
	AtOnce bool
	Range  hcl.Range
}

// Backfill says how existing rows get their value of a new column.
type Backfill struct {
	// Set is the expression for the value.
	Set string
	// Batch is the number of rows of one transaction; 0 leaves it to the planner.
	Batch int
	Range hcl.Range
}

// Convert says how a change of type maps values.
type Convert struct {
	// Using is the expression from the old value to the new one, Reverse the other way; either may be empty.
	Using   string
	Reverse string
	Range   hcl.Range
}

func newDesired() *Desired {
	return &Desired{
		Catalog: schema.New(), Ranges: map[schema.ID]Position{}, NoDefault: map[schema.ID]bool{},
		Backfills: map[schema.ID]Backfill{}, Converts: map[schema.ID]Convert{}, Strategies: map[schema.ID]string{}, Files: map[string]*hcl.File{},
	}
}
