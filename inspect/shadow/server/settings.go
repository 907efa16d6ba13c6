package server

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// settings are those of every server started for pleat, wherever it runs. All are known to versions 13 to 18 (each was
// started).
var settings = map[string]string{
	// Nothing here needs to survive a crash.
	"fsync":              "off",
	"full_page_writes":   "off",
	"synchronous_commit": "off",
	"checkpoint_timeout": "1d",
	"max_wal_size":       "4GB",
	// Nothing may happen on its own while locks are being observed.
	"autovacuum": "off",
	"jit":        "off",
	// CREATE PUBLICATION warns below logical (publicationcmds.c); no workers are needed for that, nor for
	// subscriptions that do not connect.
	"wal_level":                       "logical",
	"max_worker_processes":            "0",
	"max_logical_replication_workers": "0",
	// A schema of thousands of tables is built, or dropped, in one transaction.
	"max_locks_per_transaction": "2048",
	"max_connections":           "50",
	"shared_buffers":            "32MB",
	"huge_pages":                "off",
	// Segments in the data directory are removed with it; those in /dev/shm would outlive a killed server.
	"dynamic_shared_memory_type": "mmap",
	"log_min_messages":           "fatal",
	"timezone":                   "UTC",
	"log_timezone":               "UTC",
}

// Settings are the server settings of every throw-away server, for a provider that starts one elsewhere.
func Settings() map[string]string { return maps.Clone(settings) }

// writeSettings appends the settings to the configuration in the data directory, where later lines win.
func writeSettings(data, socketDir string, o Options) error {
	all := Settings()
	all["unix_socket_directories"] = socketDir
	// The directory of the socket is closed to others; so is the socket.
	all["unix_socket_permissions"] = "0700"
	all["listen_addresses"] = ""
	all["port"] = fmt.Sprint(socketPort(o))
	if o.Port != 0 {
		all["listen_addresses"] = "127.0.0.1"
	}
	maps.Copy(all, o.Settings)
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(all)) {
		fmt.Fprintf(&b, "%s = '%s'\n", name, strings.ReplaceAll(all[name], "'", "''"))
	}
	if err := appendTo(filepath.Join(data, "postgresql.conf"), b.String()); err != nil {
		return fmt.Errorf("write server settings: %w", err)
	}
	access := "local all all trust\n"
	if o.Port != 0 {
		access += "host all all 127.0.0.1/32 scram-sha-256\n"
	}
	// The file was made by initdb and keeps its owner; only its text is replaced.
	if err := os.WriteFile(filepath.Join(data, "pg_hba.conf"), []byte(access), 0o600); err != nil {
		return fmt.Errorf("write access rules of the server: %w", err)
	}
	return nil
}

// socketPort is the number in the socket's file name.
func socketPort(o Options) int {
	if o.Port != 0 {
		return o.Port
	}
	return 5432
}

func appendTo(path, text string) error {
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	if _, err := f.WriteString(text); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}
