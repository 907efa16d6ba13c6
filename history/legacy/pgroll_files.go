package legacy

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Files takes files of YAML and JSON with operations, by name. What can be written as plain statements is SQL, other operations are for pgroll alone.
func (pgroll) Files(d *Dir, h *History) (out []File, err error) {
	for _, rel := range d.Paths {
		ext := path.Ext(rel)
		if ext != ".yaml" && ext != ".yml" && ext != ".json" {
			continue
		}
		text, err := d.Read(rel)
		if err != nil {
			return nil, err
		}
		if !bytes.Contains(text, []byte("operations")) {
			continue
		}
		m, ok := readOperations(text)
		if !ok {
			continue
		}
		f := File{Key: stem(rel), Path: rel, Text: text, Code: "operations of pgroll", Extra: m}
		if name, ok := m["name"].(string); ok && name != "" {
			f.Key = name // files of early versions name themselves
		}
		f.Name = f.Key
		f.SQL = d.pgrollSQL(rel, h.pgrollMain(), m)
		out = append(out, f)
	}
	slices.SortFunc(out, func(a, b File) int { return cmp.Or(strings.Compare(a.Key, b.Key), strings.Compare(a.Path, b.Path)) })
	h.pgrollBaseline(out)
	return out, nil
}

// pgrollMain is the schema that the files are about.
func (h *History) pgrollMain() string {
	for i := range h.Entries {
		e := &h.Entries[i]
		if name := rowText(e, "schema"); name != "" && e.Key == e.Name {
			return name
		}
	}
	return "public"
}

// pgrollBaseline settles the files up to a baseline, and the one that is started.
func (h *History) pgrollBaseline(files []File) {
	for i := range h.Entries {
		e := &h.Entries[i]
		for n := range files {
			switch {
			case e.State == Baseline && strings.Compare(files[n].Key, e.Key) < 0:
				files[n].Settled = "it lies below the baseline " + e.Key
			case e.State == Failed && files[n].Key == e.Key:
				files[n].Settled = "it is started"
			}
		}
	}
	h.InOrder = true
}

// readOperations reads a migration; ok is false where a file is none.
func readOperations(text []byte) (m map[string]any, ok bool) {
	if bytes.HasPrefix(bytes.TrimSpace(text), []byte("{")) {
		d := json.NewDecoder(bytes.NewReader(text))
		d.UseNumber()
		if err := d.Decode(&m); err == nil {
			_, ok = m["operations"].([]any)
			return m, ok
		}
	}
	var node yaml.Node
	if err := yaml.Unmarshal(text, &node); err != nil || len(node.Content) != 1 {
		return nil, false
	}
	budget := 1_000_000
	m, ok = yamlValue(node.Content[0], &budget).(map[string]any)
	if !ok {
		return nil, false
	}
	_, ok = m["operations"].([]any)
	return m, ok
}

// yamlValue is a YAML value as JSON would have it, by the rules of YAML 1.1 that pgroll's reader follows (yes and on are truth values).
// Aliases are followed while the budget lasts.
func yamlValue(n *yaml.Node, budget *int) any {
	if *budget--; *budget < 0 {
		return nil
	}
	switch n.Kind {
	case yaml.MappingNode:
		out := map[string]any{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			out[n.Content[i].Value] = yamlValue(n.Content[i+1], budget)
		}
		return out
	case yaml.SequenceNode:
		out := []any{}
		for _, c := range n.Content {
			out = append(out, yamlValue(c, budget))
		}
		return out
	case yaml.AliasNode:
		return yamlValue(n.Alias, budget)
	}
	if n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) != 0 || n.Tag == "!!str" && n.Style&yaml.TaggedStyle != 0 {
		return n.Value
	}
	switch strings.ToLower(n.Value) {
	case "", "~", "null":
		return nil
	case "true", "yes", "on":
		return true
	case "false", "no", "off":
		return false
	}
	if _, err := strconv.ParseFloat(n.Value, 64); err == nil && (n.Tag == "!!int" || n.Tag == "!!float") {
		return json.Number(n.Value)
	}
	return n.Value
}

// Verify compares the operations of a file with those that were recorded. What is left out counts as false or empty, as pgroll has it.
func (pgroll) Verify(e *Entry, f *File, h *History) (FileState, string) {
	own, _ := h.own.(map[string]any)
	recorded, ok := own[e.Key].(map[string]any)
	if !ok || recorded["operations"] == nil {
		return FileUnverifiable, "the row holds no operations"
	}
	m, _ := f.Extra.(map[string]any)
	if at, a, b := differs("operations", recorded["operations"], m["operations"]); at != "" {
		return FileMismatched, fmt.Sprintf("%s was %s, and is %s", at, a, b)
	}
	return FileVerified, ""
}

// differs finds the first place where two values are not the same; empty where there is none.
func differs(at string, a, b any) (place, was, is string) {
	if nothing(a) && nothing(b) {
		return "", "", ""
	}
	switch x := a.(type) {
	case map[string]any:
		y, ok := b.(map[string]any)
		if !ok {
			break
		}
		names := map[string]bool{}
		for name := range x {
			names[name] = true
		}
		for name := range y {
			names[name] = true
		}
		var sorted []string
		for name := range names {
			sorted = append(sorted, name)
		}
		slices.Sort(sorted)
		for _, name := range sorted {
			if place, was, is = differs(at+"."+name, x[name], y[name]); place != "" {
				return place, was, is
			}
		}
		return "", "", ""
	case []any:
		y, ok := b.([]any)
		if !ok || len(x) != len(y) {
			break
		}
		for i := range x {
			if place, was, is = differs(fmt.Sprintf("%s[%d]", at, i), x[i], y[i]); place != "" {
				return place, was, is
			}
		}
		return "", "", ""
	case json.Number:
		m, err := x.Float64()
		y, ok := b.(json.Number)
		n, err2 := y.Float64()
		if ok && err == nil && err2 == nil && m == n {
			return "", "", ""
		}
	default:
		if a == b {
			return "", "", ""
		}
	}
	return at, printed(a), printed(b)
}

// nothing reports whether a value is one that pgroll leaves out when it writes.
func nothing(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case bool:
		return !v
	case string:
		return v == ""
	case json.Number:
		return v == "0"
	case map[string]any:
		return len(v) == 0
	case []any:
		return len(v) == 0
	}
	return false
}

func printed(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return shorten(string(text))
}
