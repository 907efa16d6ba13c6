package legacy

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"path"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// sum is a checksum of a file and the rule by which it was made; the rule is empty for the usual one.
type sum struct{ value, rule string }

// flywaySums are the checksums that Flyway's versions and settings give a text, the usual one first.
func flywaySums(raw []byte) []sum {
	out := []sum{{flywayLines(raw), ""}, {signed(crc32.ChecksumIEEE(raw)), "Flyway 3, which takes the bytes as they are"}}
	for _, d := range decodings(raw) {
		out = append(out, sum{flywayLines(d.text), d.name})
	}
	return out
}

// flywayLines is the checksum since Flyway 4: CRC-32 over the lines in UTF-8 without their ends and without a byte order mark.
func flywayLines(text []byte) string {
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	lines := bytes.Map(func(r rune) rune {
		if r == '\r' || r == '\n' {
			return -1
		}
		return r
	}, text)
	if !utf8.Valid(text) {
		lines = bytes.ReplaceAll(bytes.ReplaceAll(text, []byte("\r"), nil), []byte("\n"), nil)
	}
	return signed(crc32.ChecksumIEEE(lines))
}

// signed prints a sum as the signed 32-bit integer that Java has.
func signed(n uint32) string { return strconv.FormatInt(int64(int32(n)), 10) }

// decoding is a text as UTF-8, read by another encoding.
type decoding struct {
	name string
	text []byte
}

// decodings reads bytes by the encodings that tools of Java and .NET are told to use, besides UTF-8. There are none for plain ASCII.
func decodings(raw []byte) []decoding {
	switch {
	case bytes.HasPrefix(raw, []byte("\xff\xfe")):
		return []decoding{{"UTF-16", wide(raw[2:], binary.LittleEndian)}}
	case bytes.HasPrefix(raw, []byte("\xfe\xff")):
		return []decoding{{"UTF-16", wide(raw[2:], binary.BigEndian)}}
	case !bytes.ContainsFunc(raw, func(r rune) bool { return r >= utf8.RuneSelf }):
		return nil
	}
	return []decoding{{"ISO-8859-1", latin1(raw)}, {"windows-1252", windows1252(raw)}}
}

func wide(raw []byte, order binary.ByteOrder) []byte {
	units := make([]uint16, len(raw)/2)
	for i := range units {
		units[i] = order.Uint16(raw[2*i:])
	}
	return []byte(string(utf16.Decode(units)))
}

func latin1(raw []byte) []byte {
	var b strings.Builder
	for _, c := range raw {
		b.WriteRune(rune(c))
	}
	return []byte(b.String())
}

// western are the characters of windows-1252 from 0x80 to 0x9f (Unicode's CP1252.TXT); U+FFFD where there is none.
var western = []rune("€\ufffd‚ƒ„…†‡ˆ‰Š‹Œ\ufffdŽ\ufffd\ufffd‘’“”•–—˜™š›œ\ufffdžŸ")

func windows1252(raw []byte) []byte {
	var b strings.Builder
	for _, c := range raw {
		if c >= 0x80 && c < 0xa0 {
			b.WriteRune(western[c-0x80])
			continue
		}
		b.WriteRune(rune(c))
	}
	return []byte(b.String())
}

// readable is a file's text as UTF-8, by the encoding under which its checksum is the recorded one, else by the likeliest. encoding is
// empty where the file is UTF-8.
func readable(raw []byte, fits func(text []byte) bool) (text []byte, encoding string) {
	if utf8.Valid(raw) && !bytes.HasPrefix(raw, []byte("\xff\xfe")) {
		return raw, ""
	}
	all := decodings(raw)
	for _, d := range all {
		if fits(d.text) {
			return d.text, d.name
		}
	}
	last := all[len(all)-1]
	return last.text, last.name
}

// Verify compares the recorded checksum with those that the file has by the rules of Flyway's versions.
func (flyway) Verify(e *Entry, f *File, _ *History) (FileState, string) {
	if f.Name != e.Name && e.Name != "" && len(e.Name) < maxDescription {
		e.remark("its file is called " + path.Base(f.Path) + " now")
	}
	return verifyFlyway(e, f.Text)
}

// maxDescription is where Flyway cuts descriptions off.
const maxDescription = 200

func verifyFlyway(e *Entry, text []byte) (FileState, string) {
	if e.Checksum == "" {
		return FileUnverifiable, "Flyway recorded no checksum"
	}
	sums := flywaySums(text)
	for _, s := range sums {
		if s.value == e.Checksum {
			if s.rule != "" {
				e.remark("its checksum is that of " + s.rule)
			}
			return FileVerified, ""
		}
	}
	if e.State == Repeatable && bytes.Contains(text, []byte("${")) {
		return FileUnverifiable, "Flyway takes the checksum of a repeatable script after its placeholders were replaced, and their values are not known here"
	}
	return FileMismatched, fmt.Sprintf("Flyway recorded the checksum %s, the file has %s (by the rule of Flyway 3: %s)%s",
		e.Checksum, sums[0].value, sums[1].value, otherEnds(text, func(text []byte) bool { return signed(crc32.ChecksumIEEE(text)) == e.Checksum }))
}

// otherEnds says so where a text would fit with other line ends.
func otherEnds(text []byte, fits func(text []byte) bool) string {
	unix := bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))
	switch {
	case fits(unix):
		return "; with LF line ends it would fit"
	case fits(bytes.ReplaceAll(unix, []byte("\n"), []byte("\r\n"))):
		return "; with CRLF line ends it would fit"
	}
	return ""
}
