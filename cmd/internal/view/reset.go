package view

func (d *Reset) text(p *page) {
	switch {
	case d.DryRun:
		for _, sql := range d.Statements {
			p.linef("%s;", sql)
		}
		p.linef("Nothing was changed (dry run).")
	default:
		p.styledf(bold, "Dropped everything in %s with %s. All migrations are pending now.", databaseName(d.Database), plural(len(d.Statements), "statement"))
	}
}

func (d *Waited) text(p *page) {
	p.linef("%s has migration %s (%s).", databaseName(d.Database), d.Migration, d.State)
}
