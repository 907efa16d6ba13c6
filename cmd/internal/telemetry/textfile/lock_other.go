//go:build !unix

package textfile

// lock does nothing: Windows has no collector that reads such files.
func lock(string) (unlock func(), err error) { return func() {}, nil }
