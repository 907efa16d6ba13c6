package server

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// maxName is NAMEDATALEN - 1 of a stock build, in bytes (src/include/pg_config_manual.h, all versions).
const maxName = 63

// physical is the name in the server of the database that callers call name.
func (s *Server) physical(name string) string {
	if s.prefix == "" {
		return name
	}
	full := s.prefix + name
	if len(full) > maxName {
		sum := sha256.Sum256([]byte(name))
		full = s.prefix + hex.EncodeToString(sum[:16])
	}
	return full
}

// CreateDatabase makes a database as a copy of template, or, for "", an empty one with encoding UTF8 and locale C.
// A template must be a database made here and have no session connected to it.
func (s *Server) CreateDatabase(ctx context.Context, name, template string) error {
	sql := "CREATE DATABASE " + quote(s.physical(name))
	if template == "" {
		// Said in full, since template0 of a given server or of an image may have another locale.
		sql += " TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'"
		if s.major >= 15 {
			sql += " LOCALE_PROVIDER libc"
		}
	} else {
		sql += " TEMPLATE " + quote(s.physical(template))
	}
	if s.major >= 15 {
		// Copying files is a third of the time of the default of 15 and later, which writes every page to the log;
		// 13 and 14 know only the copy (measured on 15.18 and 18.4).
		sql += " STRATEGY file_copy"
	}
	if err := s.admin(ctx, sql); err != nil {
		return fmt.Errorf("create database %s: %w", name, err)
	}
	s.mu.Lock()
	s.made[name] = true
	s.mu.Unlock()
	return nil
}

// DropDatabase drops a database that [Server.CreateDatabase] made, ending the sessions in it. It refuses any other, and
// one that is already gone is no error.
func (s *Server) DropDatabase(ctx context.Context, name string) error {
	s.mu.Lock()
	made := s.made[name]
	s.mu.Unlock()
	if !made {
		return fmt.Errorf("drop database %s: it was not made here", name)
	}
	if err := s.admin(ctx, "DROP DATABASE IF EXISTS "+quote(s.physical(name))+" WITH (FORCE)"); err != nil {
		return fmt.Errorf("drop database %s: %w", name, err)
	}
	s.mu.Lock()
	delete(s.made, name)
	s.mu.Unlock()
	return nil
}

// admin runs one statement in the maintenance database, on a connection of its own: a cancelled statement
// breaks its connection, and no later one should suffer.
func (s *Server) admin(ctx context.Context, sql string) error {
	conn, err := pgx.Connect(ctx, s.URL(""))
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	_, err = conn.PgConn().Exec(ctx, sql).ReadAll()
	return err
}

func quote(name string) string { return pgx.Identifier{name}.Sanitize() }
