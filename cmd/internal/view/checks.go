package view

import "strings"

// Found takes in what is wrong with the user's files. Errors that are not about the files come back.
func (d *Checks) Found(err error) error {
	if err == nil {
		return nil
	}
	f := Explain(err)
	switch f.Code {
	case "diagnostics", "migration", "checksum":
	default:
		return err
	}
	d.Diagnostics = append(d.Diagnostics, f.Diagnostics...)
	if len(f.Diagnostics) == 0 {
		d.Problems = append(d.Problems, strings.Split(f.Message, "\n")...)
	}
	return nil
}
