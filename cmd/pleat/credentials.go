package main

import (
	"context"
	"os"
	"time"

	"github.com/pleatdb/pleat/cmd/internal/connect"
	"github.com/pleatdb/pleat/cmd/internal/credential"
	"github.com/pleatdb/pleat/cmd/internal/review"
	"github.com/pleatdb/pleat/cmd/internal/view"
	"github.com/pleatdb/pleat/history/migration"
	"github.com/pleatdb/pleat/schema/sqltext"
)

// authenticate lets a target log in with what the environment's credentials block says, if there is one. A database that was named by
// --url is somebody else's: it does not get the environment's passwords. Nothing is asked yet.
func (p *project) authenticate(t *connect.Target) error {
	if p.flags.url != "" {
		return nil
	}
	source, err := p.credentials()
	if err != nil || source == nil {
		return err
	}
	if !t.Password().Empty() {
		p.view.Note("the password of the connection string, PGPASSWORD or the password file is not used: the environment's credentials give one")
	}
	t.Credentials = source
	return nil
}

// credentials makes the source of the environment's logins, once; nil where there is none.
func (p *project) credentials() (credential.Source, error) {
	if p.source != nil {
		return p.source, nil
	}
	spec, diags := p.config.Credentials(p.env.Name)
	p.app.streams.Hide(p.config.Secrets()...)
	if diags.HasErrors() {
		return nil, &view.DiagnosticsError{Diags: diags, Files: p.config.Files}
	}
	if spec == nil {
		return nil, nil
	}
	if spec.Command != nil {
		if err := p.mayExecute("the credentials of the environment are printed by a command"); err != nil {
			return nil, err
		}
	}
	source, err := credential.New(*spec, credential.Options{
		Getenv: p.app.getenv, Environ: credential.Environ(os.Environ()), Dir: p.config.Dir(), Hide: p.app.streams.Hide, Warn: p.view.Warn,
	})
	if err != nil {
		return nil, err
	}
	p.source = source
	p.app.atExit(func() {
		// Its own time, since the command's may be over: an interrupted run gives back what it got too.
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		source.Close(ctx)
	})
	return source, nil
}

// mayExecute refuses to run commands of the project file in a pipeline that nobody allowed to: there, whoever proposes a change can edit
// the file, and the command would run with the pipeline's secrets.
func (p *project) mayExecute(why string) error {
	switch p.app.getenv("CI") {
	case "", "0", "false":
		return nil
	}
	if p.flags.allowExec || p.env.AllowExec {
		return nil
	}
	return &view.Refusal{Code: "refused", Message: why + ", and in a pipeline (CI is set) the project file may not run commands by itself",
		Next: "add --allow-exec, or allow_exec = true to the environment"}
}

// runsCommand says that connecting to the environment's database would run a command.
func (p *project) runsCommand() bool {
	if p.flags.url != "" {
		return false
	}
	spec, _ := p.config.Credentials(p.env.Name)
	return spec != nil && spec.Command != nil
}

// hideFiles masks the passwords that stand in migration files: the server quotes statements in its errors, and reports quote lines.
func (a *app) hideFiles(d *migration.Dir) {
	for i := range d.Files {
		a.hideScript(string(d.Files[i].Text))
	}
}

func (a *app) hideScript(text string) {
	a.streams.Hide(sqltext.SecretValues(text)...)
}

// hideReviewed is hideFiles for files of any tool.
func (a *app) hideReviewed(set *review.Set) {
	for _, dir := range set.Dirs {
		for i := range dir.Files {
			a.hideScript(dir.Files[i].Up.Text)
			a.hideScript(dir.Files[i].Down.Text)
		}
	}
}
