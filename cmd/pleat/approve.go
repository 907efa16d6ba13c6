package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"golang.org/x/crypto/ssh"

	"github.com/pleatdb/pleat/apply"
	"github.com/pleatdb/pleat/cmd/internal/approval"
	"github.com/pleatdb/pleat/cmd/internal/view"
)

type approveOptions struct {
	shared
	key, statement, signature string
	to, contract, release     string
	list                      bool
	export                    string
}

func (o *approveOptions) addFlags(fs *pflag.FlagSet) {
	o.shared.addFlags(fs)
	fs.StringVar(&o.key, "key", "", "SSH key to sign with (default: one in the agent or in ~/.ssh that may approve)")
	fs.StringVar(&o.to, "to", "", "approve up to this version (default: all that would run)")
	fs.StringVar(&o.contract, "contract", "", "gated or immediate, as pleat apply is to be called")
	fs.StringVar(&o.release, "release", "", "label of the application's release, as pleat apply is to be called")
	fs.StringVar(&o.statement, "statement", "", "write what is to be signed into this file and stop; with --signature: what was signed")
	fs.StringVar(&o.signature, "signature", "", "record a signature that ssh-keygen -Y sign made of --statement")
	fs.BoolVar(&o.list, "list", false, "list the approvals of the log and say which count; change nothing")
	fs.StringVar(&o.export, "export", "", "write each approval's statement and signature into this directory, for ssh-keygen -Y verify")
}

func newApproveCmd(a *app) *cobra.Command {
	var o approveOptions
	c := &cobra.Command{
		Use:   "approve",
		Short: "Sign what would run",
		Long: `approve signs what pleat apply would run with an SSH key, and keeps the signature in the log. An environment with an approvals
block applies nothing that not enough people signed, that changed since, or that only the runner's own key signed.

Example: pleat approve --env prod
         pleat approve --env prod --list` + exitCodes,
		Args: cobra.NoArgs,
		RunE: a.action(&o.shared, func(ctx context.Context, v *view.View, _ []string) error { return runApprove(ctx, a, v, o) }),
	}
	o.addFlags(c.Flags())
	return c
}

func runApprove(ctx context.Context, a *app, v *view.View, o approveOptions) error {
	p, err := a.withoutSchema(v, &o.shared)
	if err != nil {
		return err
	}
	policy, err := p.approvals()
	if err != nil {
		return err
	}
	if policy.Required == 0 {
		return &view.Refusal{Code: "refused", Message: "this environment needs no approvals",
			Next: "say who may approve: approvals { keys = \"allowed_signers\" } in the project file"}
	}
	run, err := p.running(&runOptions{release: o.release})
	if err != nil {
		return err
	}
	if run.Dir, err = p.directory(); err != nil {
		return err
	}
	run.To, run.Contract = o.to, apply.ContractMode(firstOf(o.contract, p.env.Contract))
	proposal, err := apply.Propose(ctx, run)
	if err != nil {
		return err
	}
	task := approving{p, o, run, policy, proposal}
	switch {
	case o.list || o.export != "" || len(proposal.Files) == 0:
		return task.show()
	case o.signature != "":
		return task.record(ctx)
	case o.statement != "":
		return task.write()
	}
	return task.sign(ctx)
}

// approving is one call of approve.
type approving struct {
	*project
	approveOptions
	run      apply.Options
	policy   approval.Policy
	proposal *apply.Proposal
}

// approvals is what the project file demands of this environment; Required is 0 where nothing is.
func (p *project) approvals() (approval.Policy, error) {
	settings, diags := p.config.Approvals(p.env.Name)
	if diags.HasErrors() {
		return approval.Policy{}, &view.DiagnosticsError{Diags: diags, Files: p.config.Files}
	}
	policy := approval.Policy{Required: settings.Required, Lifetime: settings.Lifetime, Environment: p.env.Name}
	if policy.Required == 0 {
		return policy, nil
	}
	var err error
	if policy.Allowed, err = approval.ReadSigners(settings.Keys); err != nil {
		return policy, err
	}
	policy.Own, err = p.keys().Own(settings.RunnerKeys)
	return policy, err
}

// agree is asked by a run whether it may begin; nil where nothing needs an approval.
func (p *project) agree() (func(context.Context, *apply.Proposal) error, error) {
	policy, err := p.approvals()
	if err != nil || policy.Required == 0 {
		return nil, err
	}
	return func(_ context.Context, proposal *apply.Proposal) error {
		return approval.Missing(proposal, policy, p.app.now())
	}, nil
}

// keys are the SSH keys of whoever runs this process.
func (p *project) keys() approval.Keys {
	k := approval.Keys{Agent: p.app.getenv("SSH_AUTH_SOCK")}
	if home := p.app.getenv("HOME"); home != "" {
		k.Dir = filepath.Join(home, ".ssh")
	}
	if p.view.Interactive() {
		k.Passphrase = func(path string) ([]byte, error) { return p.view.Password("Passphrase of " + path + ": ") }
	}
	return k
}

// show lists the approvals and exports them where that is asked for.
func (t *approving) show() error {
	all, people := approval.Judge(t.proposal, t.policy, t.app.now())
	if t.export != "" {
		if err := export(t.export, all); err != nil {
			return err
		}
	}
	return t.view.Show(view.NewApprovals(t.proposal, t.policy, all, people))
}

// export writes each approval as ssh-keygen takes it.
func export(dir string, all []approval.Approval) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("export approvals: %w", err)
	}
	for _, a := range all {
		if a.Statement == nil {
			continue
		}
		base := filepath.Join(dir, fmt.Sprintf("approval_%d", a.Entry.ID))
		for ending, text := range map[string]string{".statement": a.Statement.Text(), ".sig": a.Signature} {
			if err := os.WriteFile(base+ending, []byte(text), 0o644); err != nil {
				return fmt.Errorf("export approvals: %w", err)
			}
		}
	}
	return nil
}

func (t *approving) state() *approval.Statement {
	return approval.New(t.env.Name, t.app.now(), t.proposal)
}

// write leaves the statement for somebody who signs elsewhere.
func (t *approving) write() error {
	if err := os.WriteFile(t.statement, []byte(t.state().Text()), 0o644); err != nil {
		return fmt.Errorf("write the statement: %w", err)
	}
	t.view.Note(fmt.Sprintf("sign it with: ssh-keygen -Y sign -n %s -f KEY %s; record it with: pleat approve --statement %s --signature %s.sig",
		approval.Namespace, t.statement, t.statement, t.statement))
	return t.view.Show(&view.Files{Files: []string{t.statement}})
}

// record keeps a signature that was made elsewhere.
func (t *approving) record(ctx context.Context) error {
	if t.statement == "" {
		return &view.Refusal{Code: "usage", Message: "--signature is of a statement, and none was named", Next: "add --statement FILE"}
	}
	text, err := os.ReadFile(t.statement)
	if err != nil {
		return fmt.Errorf("read the statement: %w", err)
	}
	armored, err := os.ReadFile(t.signature)
	if err != nil {
		return fmt.Errorf("read the signature: %w", err)
	}
	s, err := approval.Parse(string(text))
	if err != nil {
		return err
	}
	return t.keep(ctx, s, string(armored))
}

// sign shows what is to be signed, asks, signs and keeps.
func (t *approving) sign(ctx context.Context) error {
	signer, err := t.keys().Find(t.key, t.policy.Allowed)
	if err != nil {
		return err
	}
	s := t.state()
	if !t.flags.autoApprove {
		if !t.view.Interactive() {
			return &view.Refusal{Code: "refused", Message: "nobody can be asked here whether this is meant", Next: "add --auto-approve, or look first with --list"}
		}
		t.view.PreviewStatement(s, ssh.FingerprintSHA256(signer.PublicKey()))
		ok, err := t.view.Confirm(ctx, "Sign this?")
		if err != nil {
			return err
		}
		if !ok {
			return &view.Refusal{Code: "refused", Message: "nothing was signed"}
		}
	}
	armored, err := approval.Sign(s, signer)
	if err != nil {
		return err
	}
	return t.keep(ctx, s, armored)
}

// keep records a signature that may count, and shows where approvals stand then.
func (t *approving) keep(ctx context.Context, s *approval.Statement, armored string) error {
	key, err := approval.Verified(s.Text(), armored)
	if err != nil {
		return err
	}
	by := approval.Among(t.policy.Allowed, key)
	if by == nil {
		return &view.Refusal{Code: "refused", Message: fmt.Sprintf("the key %s is not among those that may approve", ssh.FingerprintSHA256(key)),
			Next: "have it added to approvals.keys, or sign with one that is there: --key"}
	}
	if _, err := apply.Note(ctx, t.run, approval.Event(s, armored, by)); err != nil {
		return err
	}
	if t.proposal, err = apply.Propose(ctx, t.run); err != nil {
		return err
	}
	// Whoever signs is not the one who applies: his own keys count here.
	t.policy.Own = nil
	return t.show()
}
