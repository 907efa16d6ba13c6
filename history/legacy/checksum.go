package legacy

import (
	"crypto/sha256"
	"encoding/hex"
)

// sha256Hex is the SHA-256 of a text in lower-case hexadecimal.
func sha256Hex(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}
