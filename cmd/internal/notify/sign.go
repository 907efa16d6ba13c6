package notify

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"time"
)

// Headers of a signed request.
const (
	// TimestampHeader is when it was sent, in seconds since 1970.
	TimestampHeader = "Pleat-Timestamp"
	// SignatureHeader is "v1=" and the signature in hexadecimal digits.
	SignatureHeader = "Pleat-Signature"
)

// Sign gives the values of both headers: the HMAC-SHA256, under key, of the timestamp, a dot, and the body.
func Sign(key string, at time.Time, body []byte) (timestamp, signature string) {
	timestamp = strconv.FormatInt(at.Unix(), 10)
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(timestamp + "."))
	mac.Write(body)
	return timestamp, "v1=" + hex.EncodeToString(mac.Sum(nil))
}
