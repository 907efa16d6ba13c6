package connect

import (
	"fmt"
	"net"
	"path/filepath"
	"strconv"
	"strings"
)

// endpoint is one server to try.
type endpoint struct {
	host string // a name, an address, or the directory of a Unix socket
	addr string // hostaddr: where to connect instead of asking the resolver; empty mostly
	port uint16
}

// endpoints pairs the lists of host, hostaddr and port as libpq does: as many ports as hosts, or one for all.
func endpoints(values map[string]string) ([]endpoint, error) {
	hosts, addrs, ports := list(values["host"]), list(values["hostaddr"]), list(values["port"])
	n := max(len(hosts), len(addrs), 1)
	if len(hosts) > 0 && len(addrs) > 0 && len(hosts) != len(addrs) {
		return nil, fmt.Errorf("%d hosts and %d hostaddr values: there must be as many of one as of the other", len(hosts), len(addrs))
	}
	if len(ports) > 1 && len(ports) != n {
		return nil, fmt.Errorf("%d ports and %d hosts: there must be one port, or one for each host", len(ports), n)
	}
	out := make([]endpoint, n)
	for i := range out {
		e := endpoint{host: at(hosts, i), addr: at(addrs, i), port: 5432}
		if e.addr != "" && net.ParseIP(e.addr) == nil {
			return nil, fmt.Errorf("hostaddr must be an IP address")
		}
		port := at(ports, i)
		if len(ports) == 1 {
			port = ports[0]
		}
		if port != "" {
			// The text is not repeated: it may be a piece of a password.
			number, err := strconv.ParseUint(port, 10, 16)
			if err != nil || number == 0 {
				return nil, fmt.Errorf("the port must be a number from 1 to 65535")
			}
			e.port = uint16(number)
		}
		switch {
		case e.addr != "" && (e.host == "" || isSocket(e.host)):
			e.host = e.addr
		case e.host == "":
			e.host = defaultHost()
		}
		out[i] = e
	}
	return out, nil
}

func list(s string) []string {
	if s == "" {
		return nil
	}
	parts := strings.Split(s, ",")
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	return parts
}

func at(values []string, i int) string {
	if i < len(values) {
		return values[i]
	}
	return ""
}

func (e endpoint) String() string {
	if isSocket(e.host) {
		return fmt.Sprintf("%s (socket %d)", e.host, e.port)
	}
	return net.JoinHostPort(e.host, strconv.Itoa(int(e.port)))
}

// local says that the traffic stays on this machine.
func (e endpoint) local() bool {
	host := e.host
	if e.addr != "" {
		host = e.addr
	}
	ip := net.ParseIP(host)
	return isSocket(host) || host == "localhost" || ip != nil && ip.IsLoopback()
}

func isSocket(host string) bool { return filepath.IsAbs(host) }
