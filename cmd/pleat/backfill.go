package main

import (
	"fmt"
	"time"

	"github.com/spf13/pflag"

	"github.com/pleatdb/pleat/apply"
	"github.com/pleatdb/pleat/cmd/internal/view"
)

// backfillOptions are the flags about steps in batches; the rest is said by the project file.
type backfillOptions struct {
	size   int
	maxLag time.Duration
}

func (o *backfillOptions) addFlags(fs *pflag.FlagSet) {
	fs.IntVar(&o.size, "batch-size", 0, "rows of the first batch of a backfill; the size then follows the time that batches take")
	fs.DurationVar(&o.maxLag, "max-lag", 0, "hold a backfill back while a standby is further behind, such as 5s; below 0 never")
}

// backfill is how steps in batches run: what the environment says, under what the flags say.
func (p *project) backfill(o backfillOptions) (apply.Backfill, error) {
	said, diags := p.config.Backfill(p.env.Name)
	if diags.HasErrors() {
		return apply.Backfill{}, &view.DiagnosticsError{Diags: diags, Files: p.config.Files}
	}
	if o.size < 0 {
		return apply.Backfill{}, fmt.Errorf("read --batch-size: %d is not a number of rows", o.size)
	}
	b := apply.Backfill{
		Size: said.Size, MinSize: said.MinSize, MaxSize: said.MaxSize, Target: said.Target, Timeout: said.Timeout, Pause: said.Pause,
		MaxLag: said.MaxLag, MaxLagBytes: said.MaxLagBytes, IgnoreReplicas: said.IgnoreReplicas, MaxActive: said.MaxActive,
		YieldToVacuum: said.YieldToVacuum, Query: said.Query,
	}
	if o.size > 0 {
		b.Size = o.size
	}
	switch {
	case o.maxLag < 0:
		b.MaxLag, b.MaxLagBytes = -1, -1
	case o.maxLag > 0:
		b.MaxLag = o.maxLag
	}
	return b, nil
}
