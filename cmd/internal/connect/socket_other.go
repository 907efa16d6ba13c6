//go:build !linux

package connect

import (
	"syscall"
	"time"
)

// limitUnacknowledged does nothing: as in libpq, tcp_user_timeout is ignored where the system has no such option.
func limitUnacknowledged(time.Duration) func(network, address string, c syscall.RawConn) error {
	return nil
}
