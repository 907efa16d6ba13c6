package inspect

import (
	"encoding/hex"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// collect reads all rows of a result in text format into structs, by the `db` tag of the fields. Every column
// needs a field and every field a column. NULL leaves a field at its zero value.
func collect[T any](result *pgconn.ResultReader) ([]T, error) {
	var out []T
	var fields []int
	for result.NextRow() {
		if fields == nil {
			var err error
			if fields, err = matchFields(reflect.TypeFor[T](), result.FieldDescriptions()); err != nil {
				return nil, err
			}
		}
		var row T
		v := reflect.ValueOf(&row).Elem()
		for i, text := range result.Values() {
			if text == nil {
				continue
			}
			if err := decode(v.Field(fields[i]), text); err != nil {
				return nil, fmt.Errorf("column %s: %w", v.Type().Field(fields[i]).Tag.Get("db"), err)
			}
		}
		out = append(out, row)
	}
	_, err := result.Close()
	return out, err
}

func matchFields(t reflect.Type, columns []pgconn.FieldDescription) ([]int, error) {
	byTag := map[string]int{}
	for i := range t.NumField() {
		byTag[t.Field(i).Tag.Get("db")] = i
	}
	fields := make([]int, len(columns))
	for i, c := range columns {
		index, ok := byTag[c.Name]
		if !ok {
			return nil, fmt.Errorf("column %q has no field in %s", c.Name, t)
		}
		fields[i] = index
		delete(byTag, c.Name)
	}
	for tag := range byTag {
		return nil, fmt.Errorf("no column %q for %s", tag, t)
	}
	return fields, nil
}

func decode(v reflect.Value, text []byte) error {
	switch v.Kind() {
	case reflect.String:
		v.SetString(string(text))
	case reflect.Bool:
		v.SetBool(string(text) == "t")
	case reflect.Int, reflect.Int64, reflect.Int32, reflect.Int16:
		n, err := strconv.ParseInt(string(text), 10, 64)
		v.SetInt(n)
		return err
	case reflect.Uint32:
		n, err := strconv.ParseUint(string(text), 10, 32)
		v.SetUint(n)
		return err
	case reflect.Pointer:
		p := reflect.New(v.Type().Elem())
		v.Set(p)
		return decode(p.Elem(), text)
	case reflect.Slice:
		return decodeSlice(v, string(text))
	default:
		return fmt.Errorf("no decoding into %s", v.Type())
	}
	return nil
}

func decodeSlice(v reflect.Value, text string) error {
	if v.Type().Elem().Kind() == reflect.Uint8 {
		raw, err := hex.DecodeString(strings.TrimPrefix(text, `\x`))
		v.SetBytes(raw)
		return err
	}
	items, err := parseArray(text)
	if err != nil || len(items) == 0 {
		return err
	}
	out := reflect.MakeSlice(v.Type(), len(items), len(items))
	for i, item := range items {
		if err := decode(out.Index(i), []byte(item)); err != nil {
			return err
		}
	}
	v.Set(out)
	return nil
}

// parseArray reads the text of a one-dimensional array as array_out writes it. NULL becomes an empty string.
func parseArray(text string) ([]string, error) {
	_, text, _ = cutBounds(text)
	if len(text) < 2 || text[0] != '{' || text[len(text)-1] != '}' {
		return nil, fmt.Errorf("malformed array %.40q", text)
	}
	if text == "{}" {
		return nil, nil
	}
	var items []string
	var item strings.Builder
	quoted, wasQuoted := false, false
	for i := 1; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\' && i+1 < len(text):
			i++
			item.WriteByte(text[i])
		case c == '"':
			quoted, wasQuoted = !quoted, true
		case !quoted && (c == ',' || i == len(text)-1):
			s := item.String()
			if s == "NULL" && !wasQuoted {
				s = ""
			}
			items = append(items, s)
			item.Reset()
			wasQuoted = false
		default:
			item.WriteByte(c)
		}
	}
	return items, nil
}

// cutBounds takes off the "[0:2]=" that array_out writes before arrays that do not begin at 1, as int2vector's do.
func cutBounds(text string) (bounds, array string, found bool) {
	if strings.HasPrefix(text, "[") {
		return strings.Cut(text, "=")
	}
	return "", text, false
}
