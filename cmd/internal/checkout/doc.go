// Package checkout finds files of this module's checkout for the programs that try pleat out of it: cmd/corpora, cmd/load and cmd/faults.
// It knows files only. Entry point: [Locate].
package checkout
