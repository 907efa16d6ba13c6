package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/pleatdb/pleat/apply"
	"github.com/pleatdb/pleat/apply/evidence"
	"github.com/pleatdb/pleat/cmd/internal/config"
	"github.com/pleatdb/pleat/cmd/internal/connect"
	"github.com/pleatdb/pleat/cmd/internal/view"
	"github.com/pleatdb/pleat/history/migration"
	"github.com/pleatdb/pleat/inspect/shadow"
	"github.com/pleatdb/pleat/inspect/shadow/server"
)

// witness looks for evidence about contract files of one project. It must be closed.
type witness struct {
	project  *project
	window   time.Duration
	required bool
	standbys []evidence.Standby
	server   *server.Server
	// verdicts are those found a moment ago, by version: a person who was asked should not wait twice.
	verdicts map[string]*apply.Verdict
}

// verdictLife is how long a verdict is taken as it is.
const verdictLife = time.Minute

// witness reads what the environment says about evidence. Nothing is connected to.
func (p *project) witness() (*witness, error) {
	said, diags := p.config.Evidence(p.env.Name)
	p.app.streams.Hide(p.config.Secrets()...)
	if diags.HasErrors() {
		return nil, &view.DiagnosticsError{Diags: diags, Files: p.config.Files}
	}
	w := &witness{project: p, window: evidence.DefaultWindow, verdicts: map[string]*apply.Verdict{}}
	if said.Window != nil {
		w.window = *said.Window
	}
	// An environment whose contract files run at once has no time in which evidence could come about.
	w.required = p.env.Contract != config.Immediate
	if said.Required != nil {
		w.required = *said.Required
	}
	for _, url := range said.Standbys {
		one, err := w.standby(url)
		if err != nil {
			return nil, err
		}
		w.standbys = append(w.standbys, one)
	}
	return w, nil
}

// standby is one server of the environment's list.
func (w *witness) standby(url connect.Secret) (evidence.Standby, error) {
	t, err := connect.Parse(url.Reveal(), w.project.app.getenv)
	if err != nil {
		return evidence.Standby{}, fmt.Errorf("read the standbys of the environment: %w", err)
	}
	w.project.app.hideTarget(t)
	if t.Password().Empty() { // roles are those of the primary
		if err := w.project.authenticate(t); err != nil {
			return evidence.Standby{}, err
		}
	}
	t.Program, t.Warn = "pleat/"+w.project.app.version, w.project.view.Warn
	return evidence.Standby{
		Name: fmt.Sprintf("%s:%d/%s", t.Host(), t.Port(), t.Database()),
		Connect: func(ctx context.Context) (*pgx.Conn, error) {
			return t.Connect(ctx, "evidence", connect.Role(w.project.env.Role))
		},
	}, nil
}

// close ends the throw-away server, if there is one.
func (w *witness) close() {
	if w.server != nil {
		_ = w.server.Close() // what does not end is swept by the next start
	}
}

// verdict judges one contract file.
func (w *witness) verdict(ctx context.Context, m *migration.Migration) (*apply.Verdict, error) {
	if v := w.verdicts[m.Version]; v != nil && w.project.app.now().Sub(v.Checked) < verdictLife {
		return v, nil
	}
	if w.project.onSchema() {
		return &apply.Verdict{State: apply.EvidenceInsufficient, Checked: w.project.app.now(), Missing: []string{
			"writes through the old shape are not counted for a target that is a schema: say evidence { required = false }, or give --override-evidence a reason",
		}}, nil
	}
	w.project.view.Progress("looking who uses what " + m.File() + " takes away")
	conn, err := w.project.connect(ctx, "evidence")
	if err != nil {
		return nil, err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	found, err := evidence.Collect(ctx, evidence.Request{
		Migration: m, Conn: conn, Standbys: w.standbys, Window: w.window, Now: w.project.app.now(),
		Shadow: func(ctx context.Context) (*shadow.Shadow, error) { return w.shadow(ctx, conn) },
	})
	if err != nil {
		return nil, err
	}
	v := found.Judge()
	w.verdicts[m.Version] = v
	return v, nil
}

func (w *witness) shadow(ctx context.Context, conn *pgx.Conn) (*shadow.Shadow, error) {
	if w.server == nil {
		major, err := majorOf(ctx, conn)
		if err != nil {
			return nil, err
		}
		if w.server, err = w.project.shadowServer(ctx, major); err != nil {
			return nil, err
		}
	}
	return shadow.On(w.server), nil
}

// count reads how often statements were called so far.
func (w *witness) count(ctx context.Context) (map[string]any, error) {
	conn, err := w.project.connect(ctx, "evidence")
	if err != nil {
		return nil, err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	return evidence.Count(ctx, conn, w.standbys)
}

// reason is the value of --override-evidence, which must say something.
type reason struct{ text string }

func (r *reason) String() string { return r.text }
func (r *reason) Type() string   { return "REASON" }

// Set takes the reason.
func (r *reason) Set(text string) error {
	if r.text = strings.TrimSpace(text); r.text == "" {
		return errors.New("the reason is empty; it is kept in the log for those who ask later")
	}
	return nil
}
