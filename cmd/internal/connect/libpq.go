package connect

import (
	"errors"
	"strconv"
	"strings"
)

// Libpq are the environment variables, NAME=value, with which a program of PostgreSQL connects to the same database in the same way,
// without any password. The error names what cannot be said in variables.
func (t *Target) Libpq() ([]string, error) {
	if !t.settings.sslPassword.Empty() {
		return nil, errors.New("the password of a client key (sslpassword) can be given to no other program: use a key without one")
	}
	var hosts, addrs, ports []string
	named, numbered := false, false
	for _, e := range t.endpoints {
		hosts, addrs, ports = append(hosts, e.host), append(addrs, e.addr), append(ports, strconv.Itoa(int(e.port)))
		named, numbered = named || e.host != "", numbered || e.addr != ""
	}
	env := []string{"PGPORT=" + strings.Join(ports, ","), "PGUSER=" + t.user, "PGDATABASE=" + t.database, "PGAPPNAME=" + t.label("backup")}
	if named {
		env = append(env, "PGHOST="+strings.Join(hosts, ","))
	}
	if numbered {
		env = append(env, "PGHOSTADDR="+strings.Join(addrs, ","))
	}
	if len(t.endpoints) > 1 {
		// The programs have to come out at the server that we found.
		env = append(env, "PGTARGETSESSIONATTRS=read-write")
	}
	for _, v := range libpqVariables {
		switch v.key {
		case "host", "hostaddr", "port", "dbname", "user", "password", "passfile", "application_name", "options", "timezone", "client_encoding",
			"sslpassword", "target_session_attrs", "load_balance_hosts", "sslkeylogfile":
			continue
		}
		if value := t.settings.values[v.key]; value != "" {
			env = append(env, v.name+"="+value)
		}
	}
	return env, nil
}
