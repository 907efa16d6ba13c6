package view

import (
	"cmp"
	"time"

	"github.com/pleatdb/pleat/apply"
	"github.com/pleatdb/pleat/cmd/internal/approval"
)

// NewApprovals turns what was judged into its published shape.
func NewApprovals(p *apply.Proposal, policy approval.Policy, all []approval.Approval, people int) *Approvals {
	d := &Approvals{
		Database: p.Database, Required: policy.Required, Given: people, Approved: people >= policy.Required, Files: []SignedFile{}, Approvals: []Approval{},
	}
	for _, f := range p.Files {
		d.Files = append(d.Files, SignedFile{f.Name, f.Checksum})
	}
	for _, a := range all {
		one := Approval{Row: a.Entry.ID, At: a.Entry.At, By: a.Entry.SessionActor, Key: a.Key, Counts: a.Reason == "", Reason: a.Reason}
		if a.Signer != nil {
			one.Signer = a.Signer.Principal
		}
		if a.Statement != nil {
			one.Digest = a.Statement.Digest()
		}
		d.Approvals = append(d.Approvals, one)
	}
	return d
}

func (d *Approvals) text(p *page) {
	for _, a := range d.Approvals {
		who := cmp.Or(a.Signer, a.Key, "somebody")
		if a.Counts {
			p.styledf(green, "row %d: signed by %s on %s", a.Row, who, a.At.UTC().Format(time.RFC3339))
			continue
		}
		p.styledf(faint, "row %d: signed by %s, does not count: %s", a.Row, who, a.Reason)
	}
	if len(d.Files) == 0 {
		p.linef("Nothing to approve. %s has every migration that may run.", databaseName(d.Database))
		return
	}
	for _, f := range d.Files {
		p.linef("  %s  %s", f.Checksum[:min(12, len(f.Checksum))], f.File)
	}
	word := map[bool]string{true: "Approved", false: "Not approved yet"}[d.Approved]
	p.styledf(bold, "%s: %d of %s for %s.", word, d.Given, plural(d.Required, "signature"), plural(len(d.Files), "migration"))
}

// PreviewStatement shows what is to be signed and with which key, before a person is asked.
func (v *View) PreviewStatement(s *approval.Statement, key string) {
	v.console(func(p *page) {
		p.linef("To be signed with %s, as SHA-256 %s:", key, s.Digest())
		p.block(plain, "  ", s.Text())
	})
}
