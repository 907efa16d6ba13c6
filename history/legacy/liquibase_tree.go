package legacy

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/pleatdb/pleat/history/migration"
)

// node is an element of a changelog, whether it is written in XML, YAML or JSON.
type node struct {
	name  string
	attrs map[string]string
	text  string
	kids  []*node
}

// value is an attribute, or the text of an element of that name inside.
func (n *node) value(name string) string {
	if v, ok := n.attrs[name]; ok {
		return v
	}
	for _, k := range n.kids {
		if k.name == name && len(k.kids) == 0 {
			return k.text
		}
	}
	return ""
}

const changelogRoot = "databaseChangeLog"

// maxNodes bounds a changelog in which aliases multiply; each of them counts as many.
const (
	maxNodes  = 2_000_000
	aliasCost = 1000
)

// changelogTree reads a changelog; nil where the text is a document of another kind.
func changelogTree(ext string, text []byte) (*node, error) {
	if !bytes.Contains(text, []byte(changelogRoot)) {
		return nil, nil
	}
	if ext == ".xml" {
		return xmlTree(text)
	}
	var v any
	var err error
	if clean := bytes.TrimPrefix(text, []byte("\ufeff")); ext == ".json" {
		d := json.NewDecoder(bytes.NewReader(clean))
		d.UseNumber()
		err = d.Decode(&v)
	} else {
		var doc yaml.Node
		if err = yaml.Unmarshal(clean, &doc); err == nil {
			left := maxNodes
			v, err = plainYAML(&doc, &left)
		}
	}
	if err != nil {
		return nil, err
	}
	top, _ := v.(map[string]any)
	log, ok := top[changelogRoot]
	if !ok {
		return nil, nil
	}
	return treeOf(changelogRoot, log), nil
}

func xmlTree(text []byte) (*node, error) {
	d := xml.NewDecoder(bytes.NewReader(bytes.TrimPrefix(text, []byte("\ufeff"))))
	d.CharsetReader = latin
	open := []*node{{}}
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		at := open[len(open)-1]
		switch t := token.(type) {
		case xml.StartElement:
			n := &node{name: t.Name.Local, attrs: map[string]string{}}
			for _, a := range t.Attr {
				n.attrs[a.Name.Local] = a.Value
			}
			at.kids = append(at.kids, n)
			open = append(open, n)
		case xml.EndElement:
			open = open[:len(open)-1]
		case xml.CharData:
			at.text += string(t)
		}
	}
	if i := slices.IndexFunc(open[0].kids, func(n *node) bool { return n.name == changelogRoot }); i >= 0 {
		return open[0].kids[i], nil
	}
	return nil, nil
}

// latin reads encodings in which a byte is a character.
func latin(charset string, in io.Reader) (io.Reader, error) {
	switch strings.ToLower(charset) {
	case "iso-8859-1", "latin1", "us-ascii", "ascii":
	default:
		return nil, fmt.Errorf("the encoding %s is not known", charset)
	}
	raw, err := io.ReadAll(in)
	if err != nil {
		return nil, err
	}
	runes := make([]rune, len(raw))
	for i, b := range raw {
		runes[i] = rune(b)
	}
	return strings.NewReader(string(runes)), nil
}

// plainYAML is a document as maps, lists and texts; scalars stay as they are written.
func plainYAML(n *yaml.Node, left *int) (any, error) {
	if *left--; *left < 0 {
		return nil, errors.New("it is too large")
	}
	switch n.Kind {
	case yaml.DocumentNode:
		return plainYAML(n.Content[0], left)
	case yaml.AliasNode:
		*left -= aliasCost // an alias may lead back to where it stands
		return plainYAML(n.Alias, left)
	case yaml.SequenceNode:
		out := make([]any, 0, len(n.Content))
		for _, c := range n.Content {
			v, err := plainYAML(c, left)
			if err != nil {
				return nil, err
			}
			out = append(out, v)
		}
		return out, nil
	case yaml.MappingNode:
		return plainMap(n, left)
	}
	return n.Value, nil
}

func plainMap(n *yaml.Node, left *int) (any, error) {
	out := make(map[string]any, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		v, err := plainYAML(n.Content[i+1], left)
		if err != nil {
			return nil, err
		}
		if inner, ok := v.(map[string]any); ok && n.Content[i].Tag == "!!merge" {
			for key, value := range inner {
				if _, there := out[key]; !there {
					out[key] = value
				}
			}
			continue
		}
		out[n.Content[i].Value] = v
	}
	return out, nil
}

// treeOf makes elements of maps and lists: a scalar is an attribute, what is deeper an element. A list is an element whose own elements
// are those of its members.
func treeOf(name string, v any) *node {
	n := &node{name: name, attrs: map[string]string{}}
	switch v := v.(type) {
	case map[string]any:
		for _, key := range sortedKeys(v) {
			if text, ok := scalar(v[key]); ok {
				n.attrs[key] = text
			} else if v[key] != nil {
				n.kids = append(n.kids, treeOf(key, v[key]))
			}
		}
	case []any:
		for _, item := range v {
			members, ok := item.(map[string]any)
			if !ok {
				text, _ := scalar(item)
				n.kids = append(n.kids, &node{name: name, text: text})
			}
			for _, key := range sortedKeys(members) {
				n.kids = append(n.kids, treeOf(key, members[key]))
			}
		}
	default:
		n.text, _ = scalar(v)
	}
	return n
}

func scalar(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case json.Number:
		return v.String(), true
	case bool:
		return strconv.FormatBool(v), true
	}
	return "", false
}

func sortedKeys(m map[string]any) (out []string) {
	for key := range m {
		out = append(out, key)
	}
	slices.Sort(out)
	return out
}

// printedNumber is a number as Java prints what YAML 1.1 makes of it: 001 is 1, 010 is 8, 1.10 is 1.1; a text that is none is itself.
func printedNumber(text string) string {
	plain := strings.ReplaceAll(text, "_", "")
	if !allDigits(strings.Replace(plain, ".", "", 1)) || strings.HasPrefix(text, "_") {
		return text
	}
	if strings.Contains(plain, ".") {
		f, err := strconv.ParseFloat(plain, 64)
		if err != nil {
			return text
		}
		out := strconv.FormatFloat(f, 'f', -1, 64)
		if !strings.Contains(out, ".") {
			out += ".0"
		}
		return out
	}
	base := 10
	if len(plain) > 1 && plain[0] == '0' {
		base = 8
	}
	n, err := strconv.ParseInt(plain, base, 64)
	if err != nil {
		return text
	}
	return strconv.FormatInt(n, 10)
}

// lfText is a text file without byte order mark and with LF line ends.
func lfText(raw []byte) string { return string(migration.Normalize(raw)) }
