package main

import (
	"errors"
	"fmt"
)

// doubtful is the migration whose step began and has no end in the log.
const doubtful = `SELECT version FROM pleat.log WHERE kind = 'step_started' ORDER BY id DESC LIMIT 1`

// resolve tells pleat what the rows say of a step that pleat cannot tell about, as a person would who looked.
func (t *trial) resolve() error {
	url := t.lab.server.url(t.database)
	version, err := rowsOf(t.ctx, url, doubtful)
	if err != nil {
		return fmt.Errorf("find the step in doubt: %w", err)
	}
	done, err := rowsOf(t.ctx, url, t.prepared.text["resolve.sql"])
	if err != nil {
		return fmt.Errorf("see whether the step was done: %w", err)
	}
	if len(version) != 1 || len(done) != 1 {
		return errors.New("see whether the step was done: not one row")
	}
	said := "--not-done"
	if done[0] == "t" {
		said = "--done"
	}
	r, err := t.prepared.pleat.run(t.ctx, url, "resolve", version[0], said, "--reason", "the rows were looked at", "--auto-approve")
	if err != nil {
		return err
	}
	t.transcript.WriteString(r.transcript())
	if r.code() != 0 {
		t.wrong("%s", r.said())
	}
	t.resolved = true
	return nil
}
