package connect

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pleatdb/pleat/schema/hclfile/eval"
)

// class says who does what a key asks for.
type class int

const (
	byDriver  class = iota // handed to pgx
	byUs                   // done in this package
	bySession              // a server setting, made after connecting
	refused                // an error that says why
	foreign                // a framework's word: dropped with a note
)

// rule is how one key is treated.
type rule struct {
	class class
	// why is the reason of a refusal, or the note beside a dropped key.
	why string
	// harmless are the values of a refused key that ask for nothing.
	harmless []string
}

const (
	noGSS    = "pleat has no GSSAPI encryption or delegation; use TLS"
	noOAuth  = "pleat has no OAuth flow of its own; use a password or a token as the password"
	noCRL    = "pleat does not check certificate revocation lists, and a list that is not checked would be a false comfort"
	pool     = "it sizes an application's connection pool"
	cached   = "it is about an application's statement cache; pleat has none"
	obsolete = "PostgreSQL has not used it for years"
)

// libpqKeys are the connection keys of libpq up to PostgreSQL 18 (documentation, "Parameter Key Words").
var libpqKeys = map[string]rule{
	"host": {class: byUs}, "hostaddr": {class: byUs}, "port": {class: byUs}, "dbname": {class: byUs}, "user": {class: byUs},
	"password": {class: byUs}, "passfile": {class: byUs}, "service": {class: byUs}, "servicefile": {class: byUs},
	"sslpassword": {class: byUs}, "application_name": {class: byUs}, "fallback_application_name": {class: byUs},
	"keepalives": {class: byUs}, "keepalives_idle": {class: byUs}, "keepalives_interval": {class: byUs},
	"keepalives_count": {class: byUs}, "tcp_user_timeout": {class: byUs}, "load_balance_hosts": {class: byUs},
	"ssl_min_protocol_version": {class: byUs}, "ssl_max_protocol_version": {class: byUs}, "requiressl": {class: byUs},
	"options": {class: byUs}, "connect_timeout": {class: byUs},

	"sslmode": {}, "sslkey": {}, "sslcert": {}, "sslcertmode": {}, "sslrootcert": {}, "sslnegotiation": {}, "sslsni": {},
	"krbsrvname": {}, "krbspn": {}, "target_session_attrs": {}, "min_protocol_version": {}, "max_protocol_version": {},
	"channel_binding": {}, "require_auth": {},

	"client_encoding":     {class: refused, why: "pleat reads and writes UTF-8", harmless: []string{"auto", "UTF8", "UTF-8", "utf8", "utf-8", "unicode"}},
	"replication":         {class: refused, why: "a replication connection cannot run DDL", harmless: []string{"false", "off", "no", "0"}},
	"gssencmode":          {class: refused, why: noGSS, harmless: []string{"disable", "prefer"}},
	"gssdelegation":       {class: refused, why: noGSS, harmless: []string{"0"}},
	"gsslib":              {class: refused, why: noGSS},
	"sslcrl":              {class: refused, why: noCRL},
	"sslcrldir":           {class: refused, why: noCRL},
	"sslcompression":      {class: refused, why: "TLS compression is unsafe and not built into Go", harmless: []string{"0"}},
	"sslkeylogfile":       {class: refused, why: "it writes the keys of the session to a file"},
	"requirepeer":         {class: refused, why: "pleat does not check the owner of a Unix socket; use TLS with sslmode=verify-full"},
	"scram_client_key":    {class: refused, why: "pleat logs in with a password, not with SCRAM keys"},
	"scram_server_key":    {class: refused, why: "pleat logs in with a password, not with SCRAM keys"},
	"oauth_issuer":        {class: refused, why: noOAuth},
	"oauth_client_id":     {class: refused, why: noOAuth},
	"oauth_client_secret": {class: refused, why: noOAuth},
	"oauth_scope":         {class: refused, why: noOAuth},
	"oauth_ca_file":       {class: refused, why: noOAuth},
	"authtype":            {class: foreign, why: obsolete},
	"tty":                 {class: foreign, why: obsolete},
}

// serverKeys are server settings that users of Go drivers write as keys.
var serverKeys = map[string]rule{
	"timezone": {class: bySession}, "TimeZone": {class: bySession}, "statement_timeout": {class: bySession},
	"lock_timeout": {class: bySession}, "idle_in_transaction_session_timeout": {class: bySession},
	"idle_session_timeout": {class: bySession}, "default_transaction_read_only": {class: bySession},
	"search_path": {class: foreign, why: "pleat names every object with its schema; use --scope to choose schemas"},
}

// foreignKeys are words of frameworks and other drivers.
var foreignKeys = map[string]rule{
	"schema": {foreign, "Prisma's; use --scope to choose schemas", nil}, "pgbouncer": {foreign, "Prisma's; give pleat a direct connection", nil},
	"connection_limit": {foreign, pool, nil}, "pool_timeout": {foreign, pool, nil}, "socket_timeout": {foreign, "Prisma's", nil},
	"single_use_connections": {foreign, pool, nil}, "statement_cache_size": {foreign, cached, nil},
	"sslaccept":   {refused, "Prisma's; write sslmode=verify-full", []string{"accept_invalid_certs"}},
	"sslidentity": {refused, "Prisma's PKCS#12 file; use sslcert and sslkey", nil},
	"sslinline":   {refused, "lib/pq's; use sslcert, sslkey and sslrootcert with files", nil},

	"pool_max_conns": {foreign, pool, nil}, "pool_min_conns": {foreign, pool, nil}, "pool_min_idle_conns": {foreign, pool, nil},
	"pool_max_conn_lifetime": {foreign, pool, nil}, "pool_max_conn_idle_time": {foreign, pool, nil},
	"pool_max_conn_lifetime_jitter": {foreign, pool, nil}, "pool_health_check_period": {foreign, pool, nil},
	"pool": {foreign, pool, nil}, "pool_size": {foreign, pool, nil}, "max_overflow": {foreign, pool, nil}, "max": {foreign, pool, nil},
	"checkout_timeout": {foreign, pool, nil}, "reaping_frequency": {foreign, pool, nil}, "idle_timeout": {foreign, pool, nil},
	"idleTimeoutMillis": {foreign, pool, nil}, "conn_max_age": {foreign, pool, nil}, "conn_health_checks": {foreign, pool, nil},
	"poolclass": {foreign, pool, nil}, "maximumPoolSize": {foreign, pool, nil},

	"statement_cache_capacity": {foreign, cached, nil}, "description_cache_capacity": {foreign, cached, nil},
	"default_query_exec_mode": {foreign, cached, nil}, "statement_cache_mode": {foreign, cached, nil},
	"prepared_statement_cache_size": {foreign, cached, nil}, "prepared_statements": {foreign, cached, nil},
	"prepareThreshold": {foreign, cached, nil}, "prefer_simple_protocol": {foreign, cached, nil},
	"binary_parameters": {foreign, "lib/pq's", nil}, "disable_prepared_binary_result": {foreign, "lib/pq's", nil},

	"advisory_locks": {foreign, "Rails'", nil}, "adapter": {foreign, "Rails'", nil}, "encoding": {foreign, "Rails'; pleat uses UTF-8", nil},
	"charset": {foreign, "Doctrine's; pleat uses UTF-8", nil}, "serverVersion": {foreign, "Doctrine's", nil},
	"command_timeout": {foreign, "asyncpg's", nil}, "uselibpqcompat": {foreign, "node-postgres'", nil},
	"supa": {foreign, "Supabase's", nil}, "workaround": {foreign, "Supabase's", nil}, "socket": {foreign, "dbmate's; use host=/directory", nil},
	"currentSchema": {foreign, "JDBC's; use --scope to choose schemas", nil}, "ApplicationName": {foreign, "JDBC's; use application_name", nil},
	"reWriteBatchedInserts": {foreign, "JDBC's", nil}, "stringtype": {foreign, "JDBC's", nil}, "tcpKeepAlive": {foreign, "JDBC's", nil},
	"loginTimeout": {foreign, "JDBC's; use connect_timeout", nil}, "socketTimeout": {foreign, "JDBC's", nil},
	"connectTimeout": {foreign, "JDBC's; use connect_timeout", nil}, "targetServerType": {foreign, "JDBC's; use target_session_attrs", nil},
	"binaryTransfer": {foreign, "JDBC's", nil}, "defaultRowFetchSize": {foreign, "JDBC's", nil},
	"sslfactory": {refused, "JDBC's; use sslmode and sslrootcert", nil},
}

// ruleOf finds how a key is treated.
func ruleOf(key string) (rule, bool) {
	for _, table := range []map[string]rule{libpqKeys, serverKeys, foreignKeys} {
		if r, ok := table[key]; ok {
			return r, true
		}
	}
	if strings.HasPrefix(key, "x-") {
		return rule{class: foreign, why: "golang-migrate's"}, true
	}
	return rule{}, false
}

// unknownKey is the error for a key in nobody's table. A key that may be a piece of a mistyped password is not shown.
func unknownKey(key, source string, mayBeSecret bool) error {
	if mayBeSecret || !isWord(key) {
		return fmt.Errorf("unknown key in %s (not shown: it may be part of a password; %s)", source, encodeAdvice)
	}
	known := slices.Sorted(maps.Keys(libpqKeys))
	hint := eval.DidYouMean(key, known)
	if hint == "" {
		hint = " A server setting goes into options, for example options='-c work_mem=64MB'."
	}
	return fmt.Errorf("unknown key %q in %s.%s", key, source, hint)
}

// isWord says that s looks like a key.
func isWord(s string) bool {
	for _, r := range s {
		if r != '_' && r != '-' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') {
			return false
		}
	}
	return s != ""
}
