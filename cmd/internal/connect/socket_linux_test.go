package connect

import (
	"net"
	"testing"

	"golang.org/x/sys/unix"
)

// TestSocketOptions asks the kernel what the connection's socket has.
func TestSocketOptions(t *testing.T) {
	s := tcpServer(t)
	conn := open(t, s.canaryURL("tcp_user_timeout=9000&keepalives_idle=31&keepalives_interval=7&keepalives_count=4"), environment())
	raw, err := conn.PgConn().Conn().(*net.TCPConn).SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	want := map[int]int{unix.TCP_USER_TIMEOUT: 9000, unix.TCP_KEEPIDLE: 31, unix.TCP_KEEPINTVL: 7, unix.TCP_KEEPCNT: 4}
	err = raw.Control(func(fd uintptr) {
		for option, value := range want {
			if got, err := unix.GetsockoptInt(int(fd), unix.IPPROTO_TCP, option); err != nil || got != value {
				t.Errorf("option %d is %d (%v), want %d", option, got, err, value)
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	conn = open(t, s.canaryURL("keepalives=0"), environment())
	if raw, err = conn.PgConn().Conn().(*net.TCPConn).SyscallConn(); err != nil {
		t.Fatal(err)
	}
	err = raw.Control(func(fd uintptr) {
		if got, err := unix.GetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_KEEPALIVE); err != nil || got != 0 {
			t.Errorf("keepalive is %d (%v)", got, err)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
}
