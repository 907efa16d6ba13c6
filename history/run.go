package history

import (
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"os"
	"os/user"
	"time"
)

// NewRunID makes a UUID of version 7 (RFC 9562): unique, and sorted by time.
func NewRunID(now time.Time) string {
	var id [16]byte
	// crypto/rand never fails since Go 1.24; it ends the program instead.
	_, _ = rand.Read(id[:])
	var stamp [8]byte
	binary.BigEndian.PutUint64(stamp[:], uint64(now.UnixMilli()))
	copy(id[:6], stamp[2:])
	id[6] = id[6]&0x0f | 0x70
	id[8] = id[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:])
}

// LocalClient describes this process. What cannot be found out stays empty.
func LocalClient(application string) Client {
	c := Client{PID: os.Getpid(), Application: application}
	if host, err := os.Hostname(); err == nil {
		c.Host = host
	}
	if u, err := user.Current(); err == nil {
		c.User = u.Username
	}
	return c
}
