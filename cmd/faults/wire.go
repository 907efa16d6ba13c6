package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/jackc/pgx/v5/pgproto3"
)

// Codes that stand in the place of a protocol version (protocol 3.0, src/include/libpq/pqcomm.h).
const (
	codeCancel = 80877102
	codeSSL    = 80877103
	codeGSS    = 80877104
)

// frameLimit is larger than any message here; a length above it is a sign that the stream is not understood.
const frameLimit = 1 << 28

// readStartup reads a message without a type, which is how a client begins.
func readStartup(r io.Reader) (raw []byte, code uint32, err error) {
	head := make([]byte, 8)
	if _, err := io.ReadFull(r, head); err != nil {
		return nil, 0, err
	}
	size := binary.BigEndian.Uint32(head)
	if size < 8 || size > 1<<16 {
		return nil, 0, fmt.Errorf("read start of a session: length %d", size)
	}
	raw = append(head, make([]byte, size-8)...)
	_, err = io.ReadFull(r, raw[8:])
	return raw, binary.BigEndian.Uint32(head[4:]), err
}

// readFrame reads a whole message: type, length, body.
func readFrame(r io.Reader) ([]byte, error) {
	head := make([]byte, 5)
	if _, err := io.ReadFull(r, head); err != nil {
		return nil, err
	}
	size := binary.BigEndian.Uint32(head[1:])
	if size < 4 || size > frameLimit {
		return nil, fmt.Errorf("read message %q: length %d", head[0], size)
	}
	raw := append(head, make([]byte, size-4)...)
	_, err := io.ReadFull(r, raw[5:])
	return raw, err
}

// applicationName is what a session calls itself when it starts.
func applicationName(startup []byte) string {
	var m pgproto3.StartupMessage
	if m.Decode(startup[4:]) != nil {
		return ""
	}
	return m.Parameters["application_name"]
}

// sqlOf is the text of a message that has one.
func sqlOf(frame []byte) string {
	switch frame[0] {
	case 'Q':
		var m pgproto3.Query
		if m.Decode(frame[5:]) == nil {
			return m.String
		}
	case 'P':
		var m pgproto3.Parse
		if m.Decode(frame[5:]) == nil {
			return m.Query
		}
	}
	return ""
}

// tagOf is what the server says that it did, such as "INSERT 0 1".
func tagOf(frame []byte) string {
	var m pgproto3.CommandComplete
	if frame[0] != 'C' || m.Decode(frame[5:]) != nil {
		return ""
	}
	return string(m.CommandTag)
}

// backendOf is the process that serves a session.
func backendOf(frame []byte) (uint32, error) {
	if frame[0] != 'K' || len(frame) < 13 {
		return 0, errors.New("no key of a backend")
	}
	return binary.BigEndian.Uint32(frame[5:]), nil
}
