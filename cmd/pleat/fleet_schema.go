package main

import (
	"github.com/jackc/pgx/v5"

	"github.com/pleatdb/pleat/cmd/internal/fleet"
	"github.com/pleatdb/pleat/history"
	"github.com/pleatdb/pleat/history/migration"
	"github.com/pleatdb/pleat/schema"
	"github.com/pleatdb/pleat/schema/sqltext"
)

// onSchema reports whether the project's target is a schema that stands for the template.
func (p *project) onSchema() bool { return p.place != nil && p.place.Schema != "" }

// settleHistory gives the log of a schema a home of its own: many targets share the database.
func (p *project) settleHistory(conn *pgx.Conn) {
	if p.onSchema() {
		history.Settle(conn, history.HomeOf(p.place.Schema))
	}
}

// templateFingerprint is the fingerprint of objects of the target as the template has them, which is what files hold.
func (p *project) templateFingerprint(live *schema.Catalog, ids []schema.ID) string {
	moved, err := fleet.Move(live.Subset(ids), p.place.Schema, p.fleet.Template)
	if err != nil {
		return "" // no file has it, so that the difference is reported
	}
	out := make([]schema.ID, len(ids))
	for i, id := range ids {
		if out[i], err = migration.MoveID(id, p.place.Schema, p.fleet.Template); err != nil {
			out[i] = id
		}
	}
	return moved.FingerprintOf(out)
}

// asTemplate is a catalog of the target as the template has it; that of a database is as it is.
func (p *project) asTemplate(c *schema.Catalog) (*schema.Catalog, error) {
	if !p.onSchema() || c == nil {
		return c, nil
	}
	return fleet.Move(c, p.place.Schema, p.fleet.Template)
}

// templateID is an object of the target as the template has it.
func (p *project) templateID(id schema.ID) schema.ID {
	if p.onSchema() {
		if moved, err := migration.MoveID(id, p.place.Schema, p.fleet.Template); err == nil {
			return moved
		}
	}
	return id
}

// onTargetSQL is a statement of the template as it runs on the target.
func (p *project) onTargetSQL(sql string) (string, error) {
	if !p.onSchema() {
		return sql, nil
	}
	return sqltext.RenameSchema(sql, p.fleet.Template, p.place.Schema)
}
