package inspect

import "github.com/pleatdb/pleat/schema"

type domainRow struct {
	OID             uint32 `db:"oid"`
	Schema          string `db:"schema"`
	Name            string `db:"name"`
	Owner           string `db:"owner"`
	Type            string `db:"type"`
	CollationSchema string `db:"collation_schema"`
	CollationName   string `db:"collation_name"`
	NotNull         bool   `db:"not_null"`
	Default         string `db:"default"`
}

func (r *reader) readDomains(rows []domainRow) error {
	for _, row := range rows {
		d := &schema.Domain{
			Schema:    row.Schema,
			Name:      row.Name,
			Type:      row.Type,
			Collation: qualified(row.CollationSchema, row.CollationName),
			NotNull:   row.NotNull,
			Default:   expression(row.Default),
		}
		if r.add(classType, row.OID, d) {
			r.own(d.ID(), row.Owner)
			r.domains[row.OID] = d.ID()
		}
	}
	return nil
}

// domainCheck adds a constraint of a domain.
func (r *reader) domainCheck(row constraintRow) {
	domain, ok := r.domains[row.Domain]
	switch {
	case !ok:
	case row.Kind == "c":
		r.add(classConstraint, row.OID, &schema.DomainCheck{
			Schema:   domain.Schema,
			Domain:   domain.Name,
			Name:     row.Name,
			Expr:     expression(row.Expr),
			NotValid: !row.Validated,
		})
	default:
		r.part(classConstraint, row.OID, domain, "not null constraint")
	}
}

// qualified is the quoted name of something that is spelled only where it is not the default, else "".
func qualified(namespace, name string) string {
	if name == "" {
		return ""
	}
	return schema.Qualified(namespace, name)
}
