package server

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/url"

	"github.com/jackc/pgx/v5"
)

// openTCP gives the superuser a password when a TCP port was asked for, since every user of the machine can reach
// that, and returns the URL to use: through the port, else through the socket.
func openTCP(ctx context.Context, room *room, o Options) (string, error) {
	reach := socketURL(room, o)
	if o.Port == 0 {
		return reach, nil
	}
	password := rand.Text()
	conn, err := pgx.Connect(ctx, reach)
	if err != nil {
		return "", fmt.Errorf("set password of the server: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	// rand.Text yields letters and digits of base32 only, so that nothing needs quoting.
	sql := "SET password_encryption = 'scram-sha-256'; ALTER ROLE " + quote(superuser) + " PASSWORD '" + password + "'"
	if _, err := conn.PgConn().Exec(ctx, sql).ReadAll(); err != nil {
		return "", fmt.Errorf("set password of the server: %w", err)
	}
	u := url.URL{
		Scheme: "postgres", User: url.UserPassword(superuser, password),
		Host: fmt.Sprintf("127.0.0.1:%d", o.Port), Path: "/postgres", RawQuery: "sslmode=disable",
	}
	return u.String(), nil
}
