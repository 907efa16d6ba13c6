package main

import "context"

// watched are the rows that must survive a case.
type watched struct {
	url    string
	tables []table
	held   map[string]content
}

// watch reads what the tables of both states hold, those aside that the plan said it destroys.
func (j journey) watch(ctx context.Context, start, want string, destroyed []string) (watched, error) {
	tables, err := sharedTables(ctx, start, want)
	if err != nil {
		return watched{}, err
	}
	tables = spared(tables, destroyed)
	held, err := contents(ctx, start, tables)
	if err != nil {
		return watched{}, err
	}
	j.out.Tables = len(tables)
	for _, c := range held {
		j.out.Rows += max(c.rows, 0)
	}
	return watched{url: start, tables: tables, held: held}, nil
}

// check notes the tables that do not hold any more what they held.
func (w watched) check(ctx context.Context, j journey, when string) error {
	now, err := contents(ctx, w.url, w.tables)
	if err != nil {
		return err
	}
	if lines := lost(w.held, now); len(lines) > 0 {
		j.out.add(finding{Class: silentlyWrong, What: when + ": rows are lost that no plan said it would destroy", Lines: lines})
	}
	return nil
}
