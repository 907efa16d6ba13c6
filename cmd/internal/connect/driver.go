package connect

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// driverDefaults are given to the driver always, empty where unset, so that it takes none of them from the process's
// environment or from a file of its own choice.
var driverDefaults = map[string]string{
	"sslmode": "", "sslkey": "", "sslcert": "", "sslcertmode": "allow", "sslrootcert": "", "sslnegotiation": "", "sslsni": "1",
	"sslpassword": "", "krbsrvname": "", "krbspn": "", "target_session_attrs": "any", "min_protocol_version": "",
	"max_protocol_version": "", "channel_binding": "", "require_auth": "", "connect_timeout": "0",
	"password": "", "passfile": "",
}

// driverConfig is the driver's configuration. Its connection string holds neither password.
func (t *Target) driverConfig(purpose string) (*pgx.ConnConfig, error) {
	values := t.settings.values
	targets := slices.Clone(t.endpoints)
	random := values["load_balance_hosts"] == "random"
	if v := values["load_balance_hosts"]; v != "" && v != "disable" && !random {
		return nil, errors.New("load_balance_hosts must be disable or random")
	}
	if random {
		rand.Shuffle(len(targets), func(i, j int) { targets[i], targets[j] = targets[j], targets[i] })
	}
	text, err := t.driverString(targets)
	if err != nil {
		return nil, err
	}
	options := pgx.ParseConfigOptions{}
	options.GetSSLPassword = func(context.Context) string { return t.settings.sslPassword.Reveal() }
	config, err := pgx.ParseConfigWithOptions(text, options)
	if err != nil {
		return nil, driverError(err)
	}
	config.Password = t.settings.password.Reveal()
	config.RuntimeParams = map[string]string{"application_name": t.label(purpose)}
	config.DefaultQueryExecMode = pgx.QueryExecModeDescribeExec
	config.StatementCacheCapacity, config.DescriptionCacheCapacity = 0, 0
	dialer, err := t.dialer(config.ConnectTimeout)
	if err != nil {
		return nil, err
	}
	config.DialFunc = dialer.DialContext
	config.LookupFunc = lookup(targets, random)
	return config, t.limitTLS(config)
}

// driverString is the key=value string for the driver: every key that it knows.
func (t *Target) driverString(targets []endpoint) (string, error) {
	keys := map[string]string{"user": t.user, "dbname": t.database}
	for key, fallback := range driverDefaults {
		keys[key] = fallback
		if v := t.settings.values[key]; v != "" {
			keys[key] = v
		}
	}
	timeout, err := number(t.settings.values, "connect_timeout", 0)
	if err != nil {
		return "", err
	}
	keys["connect_timeout"] = strconv.Itoa(max(timeout, 0))
	var hosts, ports []string
	for _, e := range targets {
		hosts, ports = append(hosts, e.host), append(ports, strconv.Itoa(int(e.port)))
	}
	keys["host"], keys["port"] = strings.Join(hosts, ","), strings.Join(ports, ",")
	// The driver reads PGSERVICE by itself; it must then find the same service as we did.
	if os.Getenv("PGSERVICE") != "" && t.settings.values["service"] != "" {
		keys["service"], keys["servicefile"] = t.settings.values["service"], t.settings.values["servicefile"]
	}
	var out strings.Builder
	for key, value := range keys {
		fmt.Fprintf(&out, "%s='%s' ", key, strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(value))
	}
	return out.String(), nil
}

// driverError is the driver's complaint without the connection string that it quotes.
func driverError(err error) error {
	text := err.Error()
	if i := strings.Index(text, "`: "); i >= 0 {
		text = text[i+len("`: "):]
	}
	return errors.New(text)
}

// lookup answers the driver's question for a host's addresses: hostaddr where one is given.
func lookup(targets []endpoint, random bool) pgconn.LookupFunc {
	return func(ctx context.Context, host string) ([]string, error) {
		var addrs []string
		for _, e := range targets {
			if e.host == host && e.addr != "" && !slices.Contains(addrs, e.addr) {
				addrs = append(addrs, e.addr)
			}
		}
		if len(addrs) > 0 {
			return addrs, nil
		}
		addrs, err := net.DefaultResolver.LookupHost(ctx, host)
		if random {
			rand.Shuffle(len(addrs), func(i, j int) { addrs[i], addrs[j] = addrs[j], addrs[i] })
		}
		return addrs, err
	}
}

// dialer has libpq's keepalives and tcp_user_timeout. Zero means the system's default, as in libpq; without any key Go's
// own keepalives stay on (15 s).
func (t *Target) dialer(timeout time.Duration) (*net.Dialer, error) {
	values := t.settings.values
	d := &net.Dialer{Timeout: timeout}
	on, err := number(values, "keepalives", 1)
	if err != nil {
		return nil, err
	}
	idle, errIdle := number(values, "keepalives_idle", 0)
	interval, errInterval := number(values, "keepalives_interval", 0)
	count, errCount := number(values, "keepalives_count", 0)
	userTimeout, errUser := number(values, "tcp_user_timeout", 0)
	if err := errors.Join(errIdle, errInterval, errCount, errUser); err != nil {
		return nil, err
	}
	switch {
	case on == 0:
		d.KeepAlive = -1
		d.KeepAliveConfig = net.KeepAliveConfig{Enable: false}
	case idle > 0 || interval > 0 || count > 0:
		d.KeepAliveConfig = net.KeepAliveConfig{Enable: true, Idle: seconds(idle), Interval: seconds(interval), Count: orSystem(count)}
	}
	if userTimeout > 0 {
		d.Control = limitUnacknowledged(time.Duration(userTimeout) * time.Millisecond)
	}
	return d, nil
}

// orSystem maps "not given" to net.KeepAliveConfig's word for the system's default.
func orSystem(n int) int {
	if n <= 0 {
		return -1
	}
	return n
}

func seconds(n int) time.Duration {
	if n <= 0 {
		return -1
	}
	return time.Duration(n) * time.Second
}

func number(values map[string]string, key string, fallback int) (int, error) {
	text := strings.TrimSpace(values[key])
	if text == "" {
		return fallback, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0, fmt.Errorf("%s must be a whole number", key)
	}
	return n, nil
}

var tlsVersions = map[string]uint16{"TLSv1": tls.VersionTLS10, "TLSv1.1": tls.VersionTLS11, "TLSv1.2": tls.VersionTLS12, "TLSv1.3": tls.VersionTLS13}

// limitTLS sets ssl_min_protocol_version (TLSv1.2 where unset, as in libpq) and ssl_max_protocol_version.
func (t *Target) limitTLS(config *pgx.ConnConfig) error {
	limit := func(key string) (uint16, error) {
		text := t.settings.values[key]
		version, ok := tlsVersions[text]
		if text != "" && !ok {
			return 0, fmt.Errorf("%s must be TLSv1, TLSv1.1, TLSv1.2 or TLSv1.3", key)
		}
		return version, nil
	}
	low, err := limit("ssl_min_protocol_version")
	if err != nil {
		return err
	}
	high, err := limit("ssl_max_protocol_version")
	if err != nil {
		return err
	}
	if high != 0 && low > high {
		return errors.New("ssl_min_protocol_version is above ssl_max_protocol_version")
	}
	set := func(c *tls.Config) {
		if c != nil {
			c.MinVersion, c.MaxVersion = low, high
		}
	}
	set(config.TLSConfig)
	for _, f := range config.Fallbacks {
		set(f.TLSConfig)
	}
	return nil
}
