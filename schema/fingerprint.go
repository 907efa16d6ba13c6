package schema

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
)

// catalogJSON is the stored shape of a catalog. Objects are in the order of ID.Compare, so that equal catalogs
// have equal bytes.
type catalogJSON struct {
	Version int              `json:"version"`
	Objects []objectJSON     `json:"objects"`
	Deps    []dependencyJSON `json:"dependencies,omitempty"`
}

type objectJSON struct {
	Kind   Kind            `json:"kind"`
	Object json.RawMessage `json:"object"`
}

type dependencyJSON struct {
	From ID   `json:"from"`
	To   []ID `json:"to"`
}

// catalogVersion is raised when a stored catalog of an older pleat can no longer be read as it is.
const catalogVersion = 1

// MarshalJSON writes the catalog in its canonical, versioned shape: equal catalogs give equal bytes.
func (c *Catalog) MarshalJSON() ([]byte, error) {
	out := catalogJSON{Version: catalogVersion, Objects: []objectJSON{}}
	for _, id := range c.IDs() {
		o, err := encodeObject(id.Kind, c.objects[id])
		if err != nil {
			return nil, err
		}
		out.Objects = append(out.Objects, o)
	}
	for _, from := range slices.SortedFunc(maps.Keys(c.deps), ID.Compare) {
		if to := c.DependsOn(from); len(to) > 0 {
			out.Deps = append(out.Deps, dependencyJSON{from, to})
		}
	}
	return encode(out)
}

// UnmarshalJSON is the inverse of MarshalJSON. A catalog of a newer version is refused, and so is an unknown field.
func (c *Catalog) UnmarshalJSON(data []byte) error {
	var in catalogJSON
	if err := json.Unmarshal(data, &in); err != nil {
		return fmt.Errorf("read catalog: %w", err)
	}
	if in.Version != catalogVersion {
		return fmt.Errorf("read catalog: version %d is not known to this pleat", in.Version)
	}
	*c = *New()
	for _, raw := range in.Objects {
		o, err := decodeObject(raw)
		if err != nil {
			return fmt.Errorf("read catalog: %w", err)
		}
		c.Add(o)
	}
	for _, d := range in.Deps {
		c.deps[d.From] = d.To
	}
	return nil
}

// Fingerprint is the SHA-256 of all objects in canonical form, in hexadecimal. Dependencies take no part: they
// follow from the objects; nor does the order of a table's columns (see [Canonical]).
func (c *Catalog) Fingerprint() string { return c.FingerprintOf(c.IDs()) }

// FingerprintOf is the fingerprint of the named objects; that one of them is absent counts.
func (c *Catalog) FingerprintOf(ids []ID) string {
	sum := sha256.New()
	for _, id := range slices.Compact(slices.SortedFunc(slices.Values(ids), ID.Compare)) {
		text := []byte("absent")
		if o, ok := c.objects[id]; ok {
			var err error
			if text, err = encode(nonzero(reflect.ValueOf(Canonical(o)))); err != nil {
				// Every object is a plain struct of strings, numbers and booleans.
				panic(fmt.Sprintf("encode %s: %v", id, err))
			}
		}
		fmt.Fprintf(sum, "%s\n%d\n%s\n", id, len(text), text)
	}
	return hex.EncodeToString(sum.Sum(nil))
}

func encodeObject(kind Kind, o Object) (objectJSON, error) {
	text, err := encode(nonzero(reflect.ValueOf(o)))
	if err != nil {
		return objectJSON{}, fmt.Errorf("encode %s: %w", o.ID(), err)
	}
	return objectJSON{kind, text}, nil
}

func decodeObject(raw objectJSON) (Object, error) {
	info := kinds[raw.Kind]
	if info.blank == nil {
		return nil, fmt.Errorf("no object has kind %s", raw.Kind)
	}
	o := info.blank()
	dec := json.NewDecoder(bytes.NewReader(raw.Object))
	dec.DisallowUnknownFields()
	if err := dec.Decode(o); err != nil {
		return nil, fmt.Errorf("%s: %w", raw.Kind, err)
	}
	return o, nil
}

// encode is json.Marshal without the escaping of <, > and &, which is meant for HTML.
func encode(v any) ([]byte, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(buf.Bytes(), []byte("\n")), nil
}

// nonzero turns an object into maps that hold only the fields that are set, so that a field that a later
// pleat adds leaves the fingerprints of all objects that do not use it as they were. A pointer to zero is kept:
// it differs from nil. The keys of the maps come out sorted.
func nonzero(v reflect.Value) any {
	switch v.Kind() {
	case reflect.Pointer:
		return nonzero(v.Elem())
	case reflect.Slice:
		out := make([]any, v.Len())
		for i := range out {
			out[i] = nonzero(v.Index(i))
		}
		return out
	case reflect.Struct:
		if id, ok := v.Interface().(ID); ok {
			return id
		}
		out := map[string]any{}
		for i := range v.NumField() {
			field := v.Field(i)
			switch info := v.Type().Field(i); {
			case field.IsZero():
			case info.Anonymous: // encoding/json reads embedded fields at the outer level
				maps.Copy(out, nonzero(field).(map[string]any))
			default:
				out[info.Name] = nonzero(field)
			}
		}
		return out
	}
	return v.Interface()
}
