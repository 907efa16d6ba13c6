package history

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/big"
	"strconv"
	"strings"
)

// genesis is what the first row has for the digest of the row before.
var genesis = strings.Repeat("0", 2*sha256.Size)

// digest is the SHA-256 over the row's canonical form.
func (e *Entry) digest() (string, error) {
	text, err := e.canonical()
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), nil
}

// canonical writes every column but the digest as "name length value", in a fixed order. The length keeps a value
// from being mistaken for the start of the next column; a null column is left out, so an empty text equals null,
// which is how the columns are written.
func (e *Entry) canonical() ([]byte, error) {
	detail, err := canonicalJSON(e.Detail)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	b.WriteString("pleat.log\n")
	for _, f := range []struct{ name, value string }{
		{"id", strconv.FormatInt(e.ID, 10)},
		// PostgreSQL keeps microseconds.
		{"at", e.At.UTC().Format("2006-01-02T15:04:05.000000Z")},
		{"kind", string(e.Kind)},
		{"run", e.Run},
		{"version", e.Version},
		{"name", e.Name},
		{"phase", string(e.Phase)},
		{"step", decimal(int64(e.Step))},
		{"part", decimal(int64(e.Part))},
		{"parts", decimal(int64(e.Parts))},
		{"checksum", e.Checksum},
		{"release", e.Release},
		{"actor", e.Actor},
		{"session_actor", e.SessionActor},
		{"host", e.Client.Host},
		{"os_user", e.Client.User},
		{"pid", decimal(int64(e.Client.PID))},
		{"application", e.Client.Application},
		{"tool", e.Tool},
		{"duration_ms", decimal(milliseconds(e.Duration))},
		{"sqlstate", e.SQLState},
		{"snapshot", e.Snapshot},
		{"detail", detail},
		{"previous", e.Previous},
	} {
		if f.value != "" {
			fmt.Fprintf(&b, "%s %d %s\n", f.name, len(f.value), f.value)
		}
	}
	return b.Bytes(), nil
}

func decimal(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

// canonicalJSON writes a detail so that it reads the same before and after PostgreSQL kept it as jsonb, which
// reorders keys and respells numbers. An empty detail is empty text.
func canonicalJSON(detail map[string]any) (string, error) {
	if len(detail) == 0 {
		return "", nil
	}
	text, err := json.Marshal(detail)
	if err != nil {
		return "", fmt.Errorf("write detail: %w", err)
	}
	decoded, err := decodeDetail(string(text))
	if err != nil {
		return "", err
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(plainValue(decoded)); err != nil {
		return "", fmt.Errorf("write detail: %w", err)
	}
	return strings.TrimSuffix(b.String(), "\n"), nil
}

func decodeDetail(text string) (map[string]any, error) {
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	var out map[string]any
	if err := dec.Decode(&out); err != nil {
		return nil, fmt.Errorf("read detail: %w", err)
	}
	return out, nil
}

// plainValue gives numbers one spelling and takes out of texts what jsonb cannot hold. Keys are sorted by encoding/json.
func plainValue(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for key, value := range v {
			out[cleanText(key)] = plainValue(value)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, value := range v {
			out[i] = plainValue(value)
		}
		return out
	case string:
		return cleanText(v)
	case json.Number:
		if n, ok := new(big.Rat).SetString(v.String()); ok && n.IsInt() {
			return json.Number(n.Num().String())
		} else if ok {
			return json.Number(strings.TrimRight(n.FloatString(30), "0"))
		}
	}
	return v
}
