package planner

import "github.com/pleatdb/pleat/schema"

// publicComment is what initdb says about the schema public; a catalog leaves it out.
const publicComment = "standard public schema"

var commentRules = kindRules{
	create: createComment,
	drop: func(p *planning, o schema.Object) []string {
		on := o.(*schema.Comment).On
		switch {
		case on.Kind == schema.KindExtension:
			return []string{restoreExtensionComment(on)}
		case on == schema.ID{Kind: schema.KindSchema, Name: "public"}:
			return []string{"COMMENT ON SCHEMA public IS " + schema.Literal(publicComment)}
		}
		return []string{"COMMENT ON " + describeTarget(p.from, on) + " IS NULL"}
	},
	replaces: func(*planning, schema.Object, schema.Object) bool { return false },
	alter:    func(p *planning, _, after schema.Object) ([]string, error) { return createComment(p, after), nil },
}

func createComment(p *planning, o schema.Object) []string {
	c := o.(*schema.Comment)
	text := "NULL"
	if c.Text != "" {
		text = schema.Literal(c.Text)
	}
	return []string{"COMMENT ON " + describeTarget(p.to, c.On) + " IS " + text}
}

// describeTarget writes an object the way COMMENT ON names it.
func describeTarget(c *schema.Catalog, on schema.ID) string {
	owner, _ := c.Owner(on)
	switch {
	case on.Kind == schema.KindColumn:
		return "COLUMN " + owner.SQL() + "." + schema.Quote(on.Name)
	case on.Kind == schema.KindDomainCheck:
		return "CONSTRAINT " + schema.Quote(on.Name) + " ON DOMAIN " + owner.SQL()
	case on.Kind.IsConstraint():
		return "CONSTRAINT " + schema.Quote(on.Name) + " ON " + owner.SQL()
	case on.Kind == schema.KindTrigger, on.Kind == schema.KindPolicy, on.Kind == schema.KindRule:
		return wordOf(on.Kind) + " " + schema.Quote(on.Name) + " ON " + owner.SQL()
	}
	return wordOf(on.Kind) + " " + on.SQL()
}

// wordOf is the word for a kind in SQL.
func wordOf(kind schema.Kind) string {
	switch kind {
	case schema.KindEnum, schema.KindComposite:
		return "TYPE"
	case schema.KindMaterialized:
		return "MATERIALIZED VIEW"
	}
	return map[schema.Kind]string{
		schema.KindSchema: "SCHEMA", schema.KindExtension: "EXTENSION", schema.KindDomain: "DOMAIN",
		schema.KindSequence: "SEQUENCE", schema.KindTable: "TABLE", schema.KindIndex: "INDEX",
		schema.KindView: "VIEW", schema.KindFunction: "FUNCTION", schema.KindProcedure: "PROCEDURE",
		schema.KindTrigger: "TRIGGER", schema.KindPolicy: "POLICY", schema.KindRule: "RULE",
	}[kind]
}

// restoreExtensionComment gives an extension the comment of its control file, as CREATE EXTENSION does. A catalog
// leaves that one out.
func restoreExtensionComment(on schema.ID) string {
	return "DO " + schema.DollarQuote("BEGIN\n    EXECUTE pg_catalog.format('COMMENT ON EXTENSION %I IS %L', "+
		schema.Literal(on.Name)+",\n        (SELECT comment FROM pg_catalog.pg_available_extensions WHERE name = "+
		schema.Literal(on.Name)+"));\nEND")
}
