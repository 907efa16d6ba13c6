package main

import "github.com/pleatdb/pleat/schema/hclfile"

// loading is the reading of schema files, which goes on while the server answers what the database holds.
type loading struct {
	done    chan struct{}
	desired *hclfile.Desired
	err     error
}

func (p *project) load(path string) *loading {
	l := &loading{done: make(chan struct{})}
	go func() {
		defer close(l.done)
		l.desired, l.err = p.desired(path)
	}()
	return l
}

// wait returns what the files say.
func (l *loading) wait() (*hclfile.Desired, error) {
	<-l.done
	return l.desired, l.err
}
