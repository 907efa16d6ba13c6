package migration

import (
	"fmt"
	"slices"
	"strings"
)

// Texts are the files of a new directory that holds these migrations alone, by name, pleat.sum among them: what [Write] would make. It
// refuses two of one version, and what would not read back.
func Texts(ms ...*Migration) (map[string][]byte, error) {
	out := make(map[string][]byte, len(ms)+1)
	files := make([]File, 0, len(ms))
	for _, m := range ms {
		text := Format(m)
		if err := readsBack(m, text); err != nil {
			return nil, fmt.Errorf("write %s: %w", m.File(), err)
		}
		out[m.File()] = text
		files = append(files, File{Name: m.File(), Version: m.Version, Phase: m.Phase, Text: text, Checksum: Checksum(text)})
	}
	slices.SortFunc(files, func(a, b File) int { return strings.Compare(a.Name, b.Name) })
	for i := 1; i < len(files); i++ {
		if files[i].Version == files[i-1].Version {
			return nil, &NameError{files[i].Name, "has the same version as " + files[i-1].Name, "plan again"}
		}
	}
	out[SumFile] = sum(files)
	return out, nil
}
