package connect

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"slices"
	"strings"
	"syscall"

	"github.com/jackc/pgx/v5/pgconn"
)

// Error is a connection that failed.
type Error struct {
	// Target names the target without secrets.
	Target string
	// Code is the SQLSTATE, empty where the server was not reached.
	Code string
	// Hint is what to do next, a sentence without full stop; empty where nothing is known.
	Hint string

	cause error
}

// Error is one line: what was being done, why it failed, what to do.
func (e *Error) Error() string {
	text := fmt.Sprintf("connect to %s: %s", e.Target, oneLine(e.cause))
	if e.Hint != "" {
		text += " (" + e.Hint + ")"
	}
	return text
}

// Unwrap gives the server's or the network's error.
func (e *Error) Unwrap() error { return e.cause }

// failure wraps err. The driver's own wrapper is taken off: it carries the configuration with the password.
func (t *Target) failure(err error) error {
	var wrapper *pgconn.ConnectError
	if errors.As(err, &wrapper) {
		err = wrapper.Unwrap()
	}
	out := &Error{Target: t.Redacted(), cause: err}
	var server *pgconn.PgError
	if errors.As(err, &server) {
		out.Code = server.Code
		out.Hint = t.serverHint(server)
	} else {
		out.Hint = t.networkHint(err)
	}
	return out
}

// oneLine joins the lines of several attempts, each once.
func oneLine(err error) string {
	var lines []string
	for line := range strings.SplitSeq(err.Error(), "\n") {
		if line = strings.TrimSpace(line); line != "" && !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "; ")
}

// directAdvice is what to do about a pooler by transaction.
const directAdvice = "give the server's own address as direct_url in the environment, PLEAT_DIRECT_URL or --direct-url"

// serverHint is the next step for a refusal by the server or by a pooler in front of it, which speaks in 08P01.
func (t *Target) serverHint(err *pgconn.PgError) string {
	switch err.Code {
	case "28P01":
		if t.settings.password.Empty() {
			return "no password was found: set PGPASSWORD, or add a line to the password file"
		}
		return "check the password of role " + t.user + "; it was taken from " + t.Source + ", PGPASSWORD, the service or the password file"
	case "28000":
		return "pg_hba.conf has no line for this host, database and role, the role may not log in, or TLS is demanded (sslmode=require)"
	case "3D000":
		return "create the database, or correct its name"
	case "57P03":
		return "the server is starting up, shutting down or recovering: try again soon"
	case "53300":
		return "all connections are taken: end idle ones, or connect as a role that reserved connections are kept for"
	case "42501":
		return "the role lacks a privilege: GRANT CONNECT on the database, or membership for SET ROLE"
	case "42704", "22023":
		return "the server does not know this setting or value; look at options and the URL's keys"
	case "26000", "08P01":
		return "this looks like a connection pooler: " + directAdvice
	case "25006":
		return "the server or the session is read-only: connect to the primary"
	}
	return ""
}

// networkHint is the next step where the server was not reached or not accepted.
func (t *Target) networkHint(err error) string {
	var dns *net.DNSError
	var authority x509.UnknownAuthorityError
	var hostname x509.HostnameError
	switch {
	case errors.Is(err, errTemporary):
		return "set role = \"…\" in the environment to a role that stays and that this one is a member of"
	case errors.Is(err, errPooled):
		return directAdvice
	case errors.Is(err, pgconn.ErrReadOnlyConnection):
		return "it is a standby, or default_transaction_read_only is on: connect to the primary"
	case errors.Is(err, context.Canceled):
		return ""
	case errors.Is(err, syscall.ECONNREFUSED):
		return "is the server running there, and does it listen on this address and port?"
	case errors.Is(err, fs.ErrNotExist):
		return "there is no server's socket in this directory; give a host, or the directory that unix_socket_directories names"
	case errors.As(err, &dns):
		return "the host's name is not known; check it, or give its address by hostaddr"
	case errors.As(err, &authority):
		return "the server's certificate is not signed by a known authority: give it by sslrootcert"
	case errors.As(err, &hostname):
		return "the server's certificate is for another name: connect by that name, or use sslmode=verify-ca"
	case pgconn.Timeout(err):
		return "the server did not answer in time: check address, port and firewall"
	case strings.Contains(err.Error(), "refused TLS"):
		return "the server has no TLS: turn it on there, or use sslmode=disable on a network you trust"
	}
	return ""
}
